using EventBus.Checkpointing;
using EventBus.Events;
using EventBus.Observing;
using EventBus.Queueing;
using EventBus.Recording;
using EventBus.Settling;
using EventBus.Storage;
using EventBus.Timing;
using EventBus.UnitTests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.UnitTests.Checkpointing;

public sealed class FeedTests : IDisposable
{
    private const int Capacity = 8;

    private static readonly TimeSpan s_safetyNet = TimeSpan.FromSeconds(60);

    private readonly InMemoryEventLog _log = new();
    private readonly IdleSignal _idle = new(static () => [], static () => false, static () => false);
    private readonly RecordCodec _codec;
    private readonly LogWriter _writer;
    private readonly FifoQueue<string> _queue;
    private readonly Feed<string> _feed;

    public FeedTests()
    {
        _log.Open();
        var clock = new Clock(new FakeTimeProvider());
        var timer = new DueTimer(clock, ThreadStarter.Instance);
        _writer = new LogWriter(_log, 0, clock, timer, ThreadStarter.Instance, NullLogger.Instance);
        var types = new EventTypeRegistry();
        types.Add(new(typeof(string), "fact", 1, []));
        _codec = new RecordCodec(types, new JsonEventSerializer(), 1024, new EventIdentity(1), clock);
        var limits = new QueueLimits(Capacity, Capacity, Capacity, QueueFullMode.Wait);
        _queue = new FifoQueue<string>(limits);
        var queue = new DurableQueue<string>(_queue, new KeyInHand(), limits);
        var parts = new FeedParts<string>
        {
            Subscription = "audit",
            Session = new LogSession(_log, _codec, _writer, new LogReader(_log, ThreadStarter.Instance, static _ => { })),
            Host = new FixedHost(),
            Clock = clock,
            Timer = timer,
            Idle = _idle,
            Log = NullLogger.Instance,
            Counters = new SubscriptionCounters(),
            Wants = static _ => true,
            Names = null,
            KeyOf = null,
            Budget = null,
            Capacity = Capacity,
            Concurrency = 1,
            MaxParked = 8,
            Bury = static (_, _) => new ValueTask<bool>(true),
        };
        _feed = queue.Feed = new Feed<string>(parts, queue, new LogSubscription { Name = "audit", Position = 0 }, [], isCareful: false);
    }

    [Fact]
    public async Task Whoever_asks_for_a_commit_before_the_feed_has_started_is_told_of_the_next_one()
    {
        var flushed = _feed.FlushAsync();
        _writer.Start();
        // What is written now is written by a writer that does not know the feed.
        await _writer.SubmitAsync(static _ => true).WaitAsync(s_safetyNet);
        Assert.False(flushed.IsCompleted);

        _feed.Start();

        await flushed.WaitAsync(s_safetyNet);
    }

    [Fact]
    public async Task What_is_committed_before_the_feed_has_started_is_read_to_its_end()
    {
        await Workers.IdleFor(_queue);
        _writer.Start();
        for (var number = 0; number < 2 * Capacity; number++)
            await AppendAsync("fact").WaitAsync(s_safetyNet);

        _feed.Start();

        // Only a page that is not the last one tells whether it goes on after it.
        await WhenReadUpToAsync(Capacity);
        for (var sequence = 1; sequence <= Capacity; sequence++)
            _feed.Settle(new DeliveryId(sequence));
        await WhenReadUpToAsync(2 * Capacity);
    }

    public void Dispose()
    {
        _ = _writer.EndAsync();
        _log.Dispose();
    }

    private async Task AppendAsync(string @event)
    {
        var details = new EventDetails { Id = @event };
        var append = new AppendOne(_codec.Encode(@event, new Stamp(0, 0), details, null), new(@event, new Stamp(0, 0), details), _codec.Types, 0);
        _writer.Submit(append);
        await append.WaitAsync(CancellationToken.None);
    }

    private Task WhenReadUpToAsync(long sequence) => _idle.WhenAsync(() => _feed.ReadUpTo >= sequence).WaitAsync(s_safetyNet);
}
