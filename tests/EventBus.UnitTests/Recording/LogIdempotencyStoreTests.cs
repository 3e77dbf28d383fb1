using EventBus.BehaviourTests.Support;
using EventBus.Events;
using EventBus.Recording;
using EventBus.Storage;
using EventBus.Timing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.UnitTests.Recording;

/// <summary>The writer of the log is the test's to hold.</summary>
public sealed class LogIdempotencyStoreTests : IAsyncLifetime
{
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(1);
    private static readonly IdempotencyKey s_key = new("facts", "1");

    private readonly InMemoryEventLog _inner = new();
    private readonly FaultyLog _log;
    private readonly Recorder _recorder;
    private readonly LogIdempotencyStore _store;
    private readonly HeldHandler _held = new();
    private readonly CancellationTokenSource _givesUp = new();
    private int _claims;
    private bool _holds;

    public LogIdempotencyStoreTests()
    {
        _log = new FaultyLog(_inner);
        var clock = new Clock(new FakeTimeProvider());
        var codec = new RecordCodec(new EventTypeRegistry(), new JsonEventSerializer(), 1024, new EventIdentity(0), clock);
        _recorder = new Recorder(_log, codec, TimeSpan.FromDays(1), clock, new DueTimer(clock, ThreadStarter.Instance), ThreadStarter.Instance, NullLogger.Instance);
        _store = new LogIdempotencyStore(_recorder, clock);
        _log.Fault = (_, call) =>
        {
            _claims += call == "Claim" ? 1 : 0;
            if (call == "Commit" && Volatile.Read(ref _holds))
                _held.HoldAsync().AsTask().GetAwaiter().GetResult();
            return null;
        };
    }

    private LogWriter Writer => _recorder.Session.Writer;

    public ValueTask InitializeAsync()
    {
        _recorder.Begin(_log.Open().Head).Writer.Start();
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        _held.Open();
        await _recorder.EndAsync().WaitAsync(s_safetyNet);
        _inner.Dispose();
        _givesUp.Dispose();
    }

    [Fact]
    public async Task A_claim_that_is_given_up_before_its_turn_comes_is_not_made()
    {
        Volatile.Write(ref _holds, true);
        var other = Writer.SubmitAsync(static transaction => transaction.Claim(new("facts", "other"), s_lease, DateTimeOffset.UnixEpoch));
        await _held.Entered;
        var claiming = _store.ClaimAsync(s_key, s_lease, _givesUp.Token).AsTask();

        await _givesUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => claiming.WaitAsync(s_safetyNet));
        GoOn();
        await other.WaitAsync(s_safetyNet);

        Assert.Equal(IdempotencyClaimStatus.Won, (await ClaimAsync(s_key)).Status);
        Assert.Equal(2, _claims);
    }

    [Fact]
    public async Task A_claim_that_is_won_when_nobody_waits_for_it_any_more_is_given_back_before_the_next()
    {
        await WinForNobodyAsync(s_key);

        var next = await ClaimAsync(s_key);

        Assert.Equal(IdempotencyClaimStatus.Won, next.Status);
        Assert.True(await _store.CompleteAsync(s_key, next.Token, s_lease, CancellationToken.None));
        Assert.Equal(IdempotencyClaimStatus.Completed, (await ClaimAsync(s_key)).Status);
    }

    [Fact]
    public async Task It_is_given_back_with_the_claims_of_others_too_and_only_once_it_was_committed()
    {
        await WinForNobodyAsync(s_key);
        var failing = 1;
        _log.Fault = (_, call) => call == "Commit" && Interlocked.Decrement(ref failing) == 0 ? FaultyLog.Transient() : null;
        await Assert.ThrowsAsync<EventLogException>(() => ClaimAsync(new("facts", "other")));
        await ClaimAsync(new("facts", "other"));

        var claim = await Writer.SubmitAsync(static transaction => transaction.Claim(s_key, s_lease, DateTimeOffset.UnixEpoch)).WaitAsync(s_safetyNet);

        Assert.Equal(IdempotencyClaimStatus.Won, claim.Status);
    }

    [Fact]
    public async Task One_that_another_holds_is_left_to_it()
    {
        var holder = await ClaimAsync(s_key);

        var claim = await ClaimAsync(s_key);

        Assert.Equal(IdempotencyClaimStatus.HeldByAnother, claim.Status);
        Assert.True(await _store.RenewAsync(s_key, holder.Token, s_lease, CancellationToken.None));
    }

    private async Task WinForNobodyAsync(IdempotencyKey key)
    {
        Volatile.Write(ref _holds, true);
        var claiming = _store.ClaimAsync(key, s_lease, _givesUp.Token).AsTask();
        await _held.Entered;
        await _givesUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => claiming.WaitAsync(s_safetyNet));
        GoOn();
    }

    private void GoOn()
    {
        Volatile.Write(ref _holds, false);
        _held.Open();
    }

    private Task<IdempotencyClaim> ClaimAsync(IdempotencyKey key) => _store.ClaimAsync(key, s_lease, CancellationToken.None).AsTask().WaitAsync(s_safetyNet);
}
