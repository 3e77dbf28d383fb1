using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Durable;

/// <summary>What an event carries besides its body is bounded too, where it is stored.</summary>
public sealed class AttributeLimitTests : IDisposable
{
    private const int Max = EventBusBuilder.MaxAttributeBytes;

    private readonly InMemoryEventLog _log = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly List<EventMetadata> _handled = [];

    public static TheoryData<string, int> Limits() => new()
    {
        { "an id", Max },
        { "a source", Max },
        { "a subject", Max },
        { "a correlation id", Max },
        { "a causation id", Max },
        { "a key", EventBusBuilder.MaxKeyBytes },
        { "headers", EventBusBuilder.MaxHeaderBytes },
    };

    public void Dispose() => _log.Dispose();

    [Theory]
    [MemberData(nameof(Limits))]
    public async Task One_of_just_the_limit_goes_through_and_a_larger_one_is_refused_with_size_and_limit_however_it_is_published(string attribute, int limit)
    {
        await using var bus = Bus();
        var (fits, large) = (With(attribute, limit), With(attribute, limit + 1));

        var errors = new[]
        {
            await Record.ExceptionAsync(() => bus.PublishAsync(1, large).AsTask()),
            await Record.ExceptionAsync(() => bus.PublishManyAsync([1], large).AsTask()),
            await Record.ExceptionAsync(() => bus.ScheduleAsync(1, TimeSpan.FromMinutes(1), large).AsTask()),
        };
        await bus.PublishAsync(2, fits);
        await bus.WhenSettled();

        Assert.All(errors, error =>
        {
            var refusal = Assert.IsType<ArgumentException>(error);
            Assert.StartsWith($"Event 'System.Int32' has {attribute} of {limit + 1} bytes, and the limit in the event log is {limit}", refusal.Message, StringComparison.Ordinal);
        });
        Assert.Equal(1, _log.ReadStatistics().Events);
        Assert.Empty(_log.ReadScheduled(10));
        Assert.Single(_handled);
    }

    [Fact]
    public async Task Bytes_count_and_not_characters()
    {
        await using var bus = Bus();

        await bus.PublishAsync(1, new PublishOptions { Subject = new string('\u20AC', Max / 3) });
        var error = await Assert.ThrowsAsync<ArgumentException>(() => bus.PublishAsync(1, new PublishOptions { Subject = new string('\u20AC', (Max / 3) + 1) }).AsTask());

        Assert.Contains($"a subject of {((Max / 3) + 1) * 3} bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_header_without_a_value_is_refused_by_name()
    {
        await using var bus = Bus();

        var error = await Assert.ThrowsAsync<ArgumentException>(() => bus.PublishAsync(1, new PublishOptions { Headers = new Dictionary<string, string> { ["tenant"] = null! } }).AsTask());

        Assert.StartsWith("Event 'System.Int32' has a header 'tenant' without a value, and the event log keeps texts. Give it one, or leave the header out.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_enricher_adds_counts()
    {
        await using var bus = new EventBusBuilder().UseEventLog(_log).UseTimeProvider(_clock).AddEvent<int>(static e => e.Logged().Enrich(static (_, attributes, _) =>
        {
            attributes.Headers["large"] = new string('x', EventBusBuilder.MaxHeaderBytes);
            return default;
        })).Build();

        await Assert.ThrowsAsync<ArgumentException>(() => bus.PublishAsync(1).AsTask());

        Assert.Equal(0, _log.ReadStatistics().Events);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_key_that_an_event_gives_and_no_row_may_hold_makes_a_dead_letter_of_it_and_the_rest_goes_on(bool isIdempotencyKey)
    {
        await using var bus = new EventBusBuilder().UseEventLog(_log).UseTimeProvider(_clock).Handle<string>(
            (_, context, _) =>
            {
                lock (_handled)
                    _handled.Add(context.Capture());
                return default;
            },
            s =>
            {
                s.Named("facts").Durable().Retry(RetryPolicy.None);
                if (isIdempotencyKey)
                    s.Idempotent(Key);
                else
                    s.OrderedBy(Key);
            }).Build();

        await bus.PublishAsync("large");
        await bus.PublishAsync("small");
        await bus.WhenSettled();

        var letter = Assert.Single(await bus.DeadLetters.ListAsync());
        Assert.Equal("large", letter.Event);
        Assert.Contains($"The key takes {EventBusBuilder.MaxKeyBytes + 1} bytes, and the limit is {EventBusBuilder.MaxKeyBytes}.", letter.Description, StringComparison.Ordinal);
        Assert.Single(_handled);

        static string Key(string fact) => fact == "large" ? new string('k', EventBusBuilder.MaxKeyBytes + 1) : fact;
    }

    [Fact]
    public async Task A_queued_event_that_is_not_stored_may_carry_what_it_likes_and_its_dead_letter_is_kept_in_memory()
    {
        await using var bus = new EventBusBuilder().UseEventLog(_log).UseTimeProvider(_clock)
            .Handle<int>(static (_, _, _) => throw new DoNotRetryException("no"), static s => s.Named("queued")).Build();

        await bus.PublishAsync(1, With("headers", 1_000_000));
        await bus.WhenSettled();

        Assert.Equal(1, (int)Assert.Single(await bus.DeadLetters.ListAsync()).Event);
        Assert.Equal(0, _log.ReadStatistics().DeadLetters);
    }

    private static PublishOptions With(string attribute, int bytes)
    {
        var text = new string('x', bytes);
        return attribute switch
        {
            "an id" => new() { Id = text },
            "a source" => new() { Source = text },
            "a subject" => new() { Subject = text },
            "a correlation id" => new() { CorrelationId = text },
            "a causation id" => new() { CausationId = text },
            "a key" => new() { Key = text },
            _ => new() { Headers = new Dictionary<string, string> { ["h"] = new('x', bytes - 3), ["n"] = "y" } },
        };
    }

    private IEventBus Bus() => new EventBusBuilder().UseEventLog(_log).UseTimeProvider(_clock).Handle<int>(
        (_, context, _) =>
        {
            lock (_handled)
                _handled.Add(context.Capture());
            return default;
        },
        static s => s.Named("facts").Durable()).Build();
}
