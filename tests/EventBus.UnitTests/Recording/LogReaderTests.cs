using EventBus.Recording;
using EventBus.Storage;
using EventBus.Timing;

namespace EventBus.UnitTests.Recording;

public sealed class LogReaderTests : IDisposable
{
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromSeconds(60);

    private readonly InMemoryEventLog _log = new();
    private readonly TaskCompletionSource<Exception> _fault = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LogReader _reader;

    public LogReaderTests() => _reader = new LogReader(_log, ThreadStarter.Instance, fault => _fault.TrySetResult(fault));

    [Fact]
    public async Task What_is_asked_for_is_done_in_the_order_of_asking_on_one_thread_of_its_own()
    {
        var done = new List<int>();
        var threads = new HashSet<(int, bool)>();

        for (var number = 0; number < 500; number++)
        {
            var job = number;
            Assert.True(_reader.Post(() =>
            {
                done.Add(job);
                threads.Add((Environment.CurrentManagedThreadId, Thread.CurrentThread.IsThreadPoolThread));
            }));
        }

        await _reader.EndAsync().WaitAsync(s_safetyNet);

        Assert.Equal(Enumerable.Range(0, 500), done);
        var (_, isOfThePool) = Assert.Single(threads);
        Assert.False(isOfThePool);
    }

    [Fact]
    public async Task A_reading_that_fails_fails_alone()
    {
        var failing = _reader.ReadAsync<int>(static _ => throw new EventLogException("The disk reports an error."));
        var next = _reader.ReadAsync(static log => log.ReadStatistics().Events);

        Assert.Equal("The disk reports an error.", (await Assert.ThrowsAsync<EventLogException>(() => failing.WaitAsync(s_safetyNet))).Message);
        Assert.Equal(0, await next.WaitAsync(s_safetyNet));
    }

    [Fact]
    public async Task A_job_that_throws_is_told_and_the_next_one_is_done()
    {
        _reader.Post(static () => throw new InvalidCastException("odd"));
        var next = _reader.ReadAsync(static log => log.ReadStatistics().Events);

        Assert.Equal("odd", (await _fault.Task.WaitAsync(s_safetyNet)).Message);
        Assert.Equal(0, await next.WaitAsync(s_safetyNet));
    }

    [Fact]
    public async Task It_sleeps_where_nothing_is_to_be_read_and_wakes_again()
    {
        for (var round = 0; round < 200; round++)
            Assert.Same(_log, await _reader.ReadAsync(static log => log).WaitAsync(s_safetyNet));
    }

    [Fact]
    public async Task What_comes_after_its_end_is_refused()
    {
        var before = _reader.ReadAsync(static _ => 1);
        var ended = _reader.EndAsync();

        Assert.Equal(1, await before.WaitAsync(s_safetyNet));
        await ended.WaitAsync(s_safetyNet);
        Assert.False(_reader.Post(static () => Assert.Fail("It has ended.")));
        await Assert.ThrowsAsync<EventBusStoppedException>(() => _reader.ReadAsync(static _ => 1).WaitAsync(s_safetyNet));
    }

    [Fact]
    public void One_that_was_never_asked_starts_no_thread_and_ends_at_once() => Assert.True(_reader.EndAsync().IsCompletedSuccessfully);

    public void Dispose() => _log.Dispose();
}
