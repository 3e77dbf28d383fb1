using EventBus.BehaviourTests.Support;
using EventBus.Events;
using EventBus.Recording;
using EventBus.Storage;
using EventBus.Timing;
using EventBus.UnitTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.UnitTests.Recording;

public sealed class LogWriterTests : IDisposable
{
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromSeconds(60);

    private readonly InMemoryEventLog _inner = new();
    private readonly FaultyLog _log;
    private readonly FakeTimeProvider _time = new();
    private readonly LogLines _lines = new();
    private readonly LogWriter _writer;
    private readonly HeldCommit _held = new();
    private int _transactions;
    private int _commits;
    private Func<string, EventLogException?> _fault = static _ => null;

    public LogWriterTests()
    {
        _log = new FaultyLog(_inner) { Fault = OnCall };
        _log.Open();
        var clock = new Clock(_time);
        _writer = new LogWriter(_log, 0, clock, new DueTimer(clock, ThreadStarter.Instance), ThreadStarter.Instance, _lines);
        _writer.Start();
    }

    private IEnumerable<string> Ids => _inner.Read(0, 10_000).Select(static record => record.Id);

    [Fact]
    public async Task What_comes_in_while_a_commit_is_under_way_goes_into_one_transaction_in_its_order()
    {
        var first = await HoldFirstAsync();
        var others = Enumerable.Range(0, 50).Select(number => Append($"{number}")).ToArray();

        _held.Open();
        await Task.WhenAll(others).WaitAsync(s_safetyNet);
        await first;

        Assert.Equal((2, 2), (_transactions, _commits));
        Assert.Equal(Enumerable.Range(0, 50).Select(static number => $"{number}").Prepend("first"), Ids);
    }

    [Fact]
    public async Task No_transaction_has_more_than_1024_operations()
    {
        await HoldFirstAsync();
        var others = Enumerable.Range(0, 2049).Select(number => Append($"{number}")).ToArray();

        _held.Open();
        await Task.WhenAll(others).WaitAsync(s_safetyNet);

        Assert.Equal(1 + 3, _transactions);
        Assert.Equal(2050, Ids.Count());
    }

    [Fact]
    public async Task An_operation_completes_with_its_commit_and_not_before()
    {
        var first = await HoldFirstAsync();
        Assert.False(first.IsCompleted);

        _held.Open();

        Assert.Equal(1, await first.WaitAsync(s_safetyNet));
    }

    [Fact]
    public async Task At_its_end_it_tells_its_riders_and_those_that_come_later()
    {
        var (known, late) = (new Rider(), new Rider());
        _writer.Add(known);

        await _writer.EndAsync().WaitAsync(s_safetyNet);
        _writer.Add(late);

        Assert.True(known.Ended.Task.IsCompleted);
        Assert.True(late.Ended.Task.IsCompleted);
    }

    [Fact]
    public async Task An_operation_that_cannot_be_applied_fails_alone_and_nothing_of_it_stays()
    {
        await HoldFirstAsync();
        var before = Append("before");
        var failing = _writer.SubmitAsync<long>(static transaction =>
        {
            transaction.Append(StoredFacts.Event("half done"), null);
            throw new InvalidDataException("It does not fit.");
        });
        var after = Append("after");

        _held.Open();
        await Task.WhenAll(before, after).WaitAsync(s_safetyNet);

        Assert.Equal("It does not fit.", (await Assert.ThrowsAsync<InvalidDataException>(() => failing)).Message);
        Assert.Equal(["first", "before", "after"], Ids);
        Assert.Null(_writer.Failure);
    }

    [Fact]
    public async Task A_transient_failure_fails_those_of_its_transaction_and_the_next_is_written()
    {
        await HoldFirstAsync();
        _fault = call => call == "Commit" ? FaultyLog.Transient() : null;
        var lost = new[] { Append("a"), Append("b") };
        _held.Open();
        foreach (var task in lost)
            Assert.True((await Assert.ThrowsAsync<EventLogException>(() => task.WaitAsync(s_safetyNet))).IsTransient);

        _fault = static _ => null;
        await Append("c").WaitAsync(s_safetyNet);

        Assert.Equal(["first", "c"], Ids);
        Assert.Null(_writer.Failure);
    }

    [Fact]
    public async Task After_a_failure_for_good_nothing_is_written_any_more_and_everybody_is_told()
    {
        var rider = Ride();
        _fault = call => call == "Commit" ? FaultyLog.Fatal() : null;
        var first = await Assert.ThrowsAsync<EventLogException>(() => Append("a").WaitAsync(s_safetyNet));
        await rider.Failed.Task.WaitAsync(s_safetyNet);
        _fault = static _ => null;

        var later = await Assert.ThrowsAsync<EventLogException>(() => Append("b").WaitAsync(s_safetyNet));

        Assert.False(first.IsTransient);
        Assert.Equal("The event log has failed, and nothing is written to it any more: The disk reports an error. Mend the cause, then stop the bus and start it again.", later.Message);
        Assert.Same(first, _writer.Failure);
        Assert.Empty(Ids);
        Assert.Single(_lines.Texts, static line => line.StartsWith("The event log in memory failed, and the bus uses it no more", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_waits_behind_a_failure_for_good_fails_too()
    {
        await HoldFirstAsync();
        _fault = call => call == "Begin" ? FaultyLog.Fatal() : null;
        var waiting = Enumerable.Range(0, 2000).Select(number => Append($"{number}")).ToArray();

        _held.Open();

        foreach (var task in waiting)
            await Assert.ThrowsAsync<EventLogException>(() => task.WaitAsync(s_safetyNet));
        Assert.Equal(["first"], Ids);
    }

    [Fact]
    public async Task A_failure_that_somebody_else_met_ends_the_writing_too()
    {
        _writer.FailWith(new EventLogException("A page is damaged."));

        await _writer.EndAsync().WaitAsync(s_safetyNet);

        Assert.Equal("A page is damaged.", _writer.Failure?.Message);
        await Assert.ThrowsAsync<EventLogException>(() => Append("a").WaitAsync(s_safetyNet));
    }

    [Fact]
    public async Task A_fault_of_the_bus_itself_ends_the_writing_and_says_so()
    {
        var rider = Ride();
        rider.OnCommitted = static () => throw new InvalidOperationException("bug");
        _writer.Touch();

        await rider.Failed.Task.WaitAsync(s_safetyNet);

        Assert.Equal("The writer of event log 'in memory' ended over a fault of the bus itself. Please report this.", _writer.Failure?.Message);
        await Assert.ThrowsAsync<EventLogException>(() => Append("a").WaitAsync(s_safetyNet));
    }

    public static TheoryData<Exception> Refusals() => [FaultyLog.Refusal(), new InvalidDataException("A row is odd.")];

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_rider_whose_changes_are_refused_fails_alone_and_what_came_with_them_is_written(Exception refusal)
    {
        var (refused, other) = (Ride(), Ride());
        refused.OnWrite = _ => throw refusal;
        other.OnWrite = static transaction => transaction.SaveSubscription(new() { Name = "audit", Position = 7 });

        await Append("a").WaitAsync(s_safetyNet);
        await refused.Failed.Task.WaitAsync(s_safetyNet);
        await Append("b").WaitAsync(s_safetyNet);

        Assert.Equal(["a", "b"], Ids);
        Assert.Equal(7, Assert.Single(_inner.ReadSubscriptions()).Position);
        Assert.False(other.Failed.Task.IsCompleted);
        Assert.Null(_writer.Failure);
    }

    [Fact]
    public async Task A_rider_that_can_do_without_what_is_refused_is_asked_again_in_the_same_breath()
    {
        var rider = Ride();
        rider.OnWrite = static _ => throw FaultyLog.Refusal();
        rider.OnRefused = () => rider.OnWrite = static transaction => transaction.SaveSubscription(new() { Name = "audit", Position = 8 });

        await Append("a").WaitAsync(s_safetyNet);

        Assert.Equal(8, Assert.Single(_inner.ReadSubscriptions()).Position);
        Assert.False(rider.Failed.Task.IsCompleted);
    }

    [Fact]
    public async Task An_operation_that_the_log_refuses_fails_alone()
    {
        await HoldFirstAsync();
        var before = Append("before");
        var failing = _writer.SubmitAsync<long>(static _ => throw FaultyLog.Refusal());
        var after = Append("after");

        _held.Open();
        await Task.WhenAll(before, after).WaitAsync(s_safetyNet);

        Assert.True((await Assert.ThrowsAsync<EventLogException>(() => failing)).IsOfOneChange);
        Assert.Equal(["first", "before", "after"], Ids);
        Assert.Null(_writer.Failure);
    }

    [Fact]
    public async Task What_came_in_before_the_end_is_written_and_what_comes_after_is_refused()
    {
        await HoldFirstAsync();
        var before = Append("before");
        var ended = _writer.EndAsync();

        _held.Open();
        await ended.WaitAsync(s_safetyNet);

        Assert.True(before.IsCompletedSuccessfully || await before.WaitAsync(s_safetyNet) == 2);
        Assert.Equal(["first", "before"], Ids);
        await Assert.ThrowsAsync<EventBusStoppedException>(() => Append("after").WaitAsync(s_safetyNet));
    }

    [Fact]
    public async Task Changes_of_riders_go_with_whatever_is_committed_next()
    {
        var rider = Ride();
        rider.OnWrite = static transaction => transaction.SaveSubscription(new() { Name = "audit", Position = 7 });

        await Append("a").WaitAsync(s_safetyNet);
        await rider.Told.Task.WaitAsync(s_safetyNet);

        Assert.Equal((1, 1), (_transactions, _commits));
        Assert.Equal(7, Assert.Single(_inner.ReadSubscriptions()).Position);
    }

    [Fact]
    public async Task A_rider_that_cannot_wait_gets_a_commit_of_its_own_and_one_that_wrote_nothing_costs_none()
    {
        var rider = Ride();
        _writer.Touch();
        await rider.Told.Task.WaitAsync(s_safetyNet);
        Assert.Equal((1, 0), (_transactions, _commits));

        rider.Told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        rider.OnWrite = static transaction => transaction.SaveSubscription(new() { Name = "audit", Position = 7 });
        _writer.Touch();
        await rider.Told.Task.WaitAsync(s_safetyNet);

        Assert.Equal((2, 1), (_transactions, _commits));
    }

    [Fact]
    public async Task What_riders_could_not_write_is_tried_again_after_a_second_though_nobody_publishes()
    {
        var rider = Ride();
        rider.OnWrite = static transaction => transaction.SaveSubscription(new() { Name = "audit", Position = 7 });
        _fault = call => call == "Commit" ? FaultyLog.Transient() : null;
        await Assert.ThrowsAsync<EventLogException>(() => Append("a").WaitAsync(s_safetyNet));
        _fault = static _ => null;
        // The next operation finds that the writer is done with the failure.
        rider.OnWrite = null;
        await _writer.SubmitAsync(static _ => 0).WaitAsync(s_safetyNet);
        rider.OnWrite = static transaction => transaction.SaveSubscription(new() { Name = "audit", Position = 8 });

        _time.Advance(TimeSpan.FromSeconds(1));
        await rider.Stored.Task.WaitAsync(s_safetyNet);

        Assert.Equal(1, rider.NotCommittedCount);
        Assert.Equal(8, Assert.Single(_inner.ReadSubscriptions()).Position);
    }

    [Fact]
    public async Task Riders_hear_of_each_commit_with_the_head_before_it_and_its_events()
    {
        var rider = Ride();
        await PublishAsync("a");
        await PublishAsync("b");
        _writer.Remove(rider);
        await PublishAsync("c");

        Assert.Equal([(0, 1, "a"), (1, 2, "b")], rider.Heard);
        Assert.Equal(3, _writer.Head);
    }

    [Fact]
    public async Task A_publish_that_is_cancelled_while_it_waits_its_turn_is_not_written()
    {
        using var cancellation = new CancellationTokenSource();
        await HoldFirstAsync();
        var waiting = PublishAsync("cancelled", cancellation.Token);

        await cancellation.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(s_safetyNet));
        _held.Open();
        await PublishAsync("next");

        Assert.Equal("The publisher cancelled before its event was written to the log. It is not there.", error.Message);
        Assert.Equal(["first", "next"], Ids);
    }

    [Fact]
    public async Task A_publish_that_is_cancelled_in_its_commit_is_told_that_it_may_be_there()
    {
        using var cancellation = new CancellationTokenSource();
        _held.Hold();
        var committing = PublishAsync("a", cancellation.Token);
        await _held.Entered.Task.WaitAsync(s_safetyNet);

        await cancellation.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => committing.WaitAsync(s_safetyNet));
        _held.Open();
        await PublishAsync("next");

        Assert.Equal("The publisher cancelled while its event was being committed to the log. It may be there: publishing it again with the same id stores it once.", error.Message);
        Assert.Equal(["a", "next"], Ids);
    }

    [Fact]
    public async Task Many_that_submit_at_once_are_all_written_once()
    {
        var sequences = await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(async () =>
        {
            var own = new List<long>();
            for (var number = 0; number < 200; number++)
                own.Add(await Append($"{thread}-{number}"));
            return own;
        }))).WaitAsync(s_safetyNet);

        Assert.All(sequences, static own => Assert.Equal(own.Order(), own));
        Assert.Equal(Enumerable.Range(1, 1600).Select(static number => (long)number), sequences.SelectMany(static own => own).Order());
        Assert.Equal(1600, Ids.Distinct().Count());
    }

    public void Dispose()
    {
        _held.Open();
        _writer.EndAsync().Wait(s_safetyNet, TestContext.Current.CancellationToken);
        _inner.Dispose();
        _held.Dispose();
    }

    private EventLogException? OnCall(int number, string call)
    {
        _transactions += call == "Begin" ? 1 : 0;
        _commits += call == "Committed" ? 1 : 0;
        var fault = _fault(call);
        if (call == "Commit")
            _held.Pass();
        return fault;
    }

    private Task<long> Append(string id) => _writer.SubmitAsync(transaction => transaction.Append(StoredFacts.Event(id), null).Sequence);

    /// <summary>The first commit is under way from now on, until it is let go on.</summary>
    private async Task<Task<long>> HoldFirstAsync()
    {
        _held.Hold();
        var first = Append("first");
        await _held.Entered.Task.WaitAsync(s_safetyNet);
        return first;
    }

    private async Task PublishAsync(string id, CancellationToken cancellationToken = default)
    {
        var append = new AppendOne(StoredFacts.Event(id), new(id, new Stamp(0, 0), new EventDetails { Id = id }), new EventTypeRegistry(), 0);
        var committed = append.WaitAsync(cancellationToken);
        _writer.Submit(append);
        await committed;
        // Whoever rides hears of the commit before the next operation is taken.
        await _writer.SubmitAsync(static _ => 0).WaitAsync(s_safetyNet, CancellationToken.None);
    }

    private Rider Ride()
    {
        var rider = new Rider();
        _writer.Add(rider);
        return rider;
    }

    /// <summary>A commit that stands still.</summary>
    private sealed class HeldCommit : IDisposable
    {
        private readonly ManualResetEventSlim _open = new(initialState: true);

        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Hold() => _open.Reset();

        public void Open() => _open.Set();

        public void Pass()
        {
            Entered.TrySetResult();
            _open.Wait(s_safetyNet);
        }

        public void Dispose() => _open.Dispose();
    }

    private sealed class Rider : ICommitRider
    {
        private bool _wrote;

        public Action<ILogTransaction>? OnWrite { get; set; }

        public Action? OnCommitted { get; set; }

        /// <summary>Lets it do without what was refused.</summary>
        public Action? OnRefused { get; set; }

        public TaskCompletionSource Told { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Something that it wrote was committed.</summary>
        public TaskCompletionSource Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Failed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<(long Previous, long Head, string Events)> Heard { get; } = [];

        public int NotCommittedCount { get; private set; }

        public bool Write(ILogTransaction transaction)
        {
            var write = OnWrite;
            write?.Invoke(transaction);
            return _wrote = write is not null;
        }

        public void Committed()
        {
            if (_wrote)
                Stored.TrySetResult();
            Told.TrySetResult();
            OnCommitted?.Invoke();
        }

        public bool TryMend(Exception refusal)
        {
            OnRefused?.Invoke();
            return OnRefused is not null;
        }

        public void NotCommitted() => NotCommittedCount++;

        public void Receive(CommittedBatch batch) => Heard.Add((batch.PreviousHead, batch.Head, string.Join(' ', batch.Events.Select(static appended => appended.Event))));

        public void Fail(EventLogException error) => Failed.TrySetResult();

        /// <summary>It was told that nothing is written any more.</summary>
        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Closed() => Ended.TrySetResult();
    }
}
