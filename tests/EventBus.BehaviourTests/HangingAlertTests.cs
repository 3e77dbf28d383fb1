using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>Code of the application that runs while a delivery is settled, and does not return.</summary>
public abstract class HangingAlertTests(DeliveryMode mode)
{
    private protected readonly FakeTimeProvider _clock = new();
    private protected readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private protected readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private protected readonly TaskCompletionSource _reported = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private protected readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task An_alert_that_never_returns_has_its_token_cancelled_and_is_reported_and_its_subscription_goes_on()
    {
        var handled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var later = 0;
        await using var provider = Logged("OnDeadLetter has not returned").Build(bus => Failing(bus, handled)
            .OnDeadLetter(async (_, token) =>
            {
                token.Register(_cancelled.SetResult);
                _begun.SetResult();
                await _release.Task;
            })
            .OnDeadLetter((_, _) =>
            {
                later++;
                return default;
            }));
        await provider.Bus.PublishAsync("bad");
        await provider.Bus.PublishAsync("good");
        await _begun.Task.Soon();
        Assert.False(handled.Task.IsCompleted);

        _clock.Advance(EventBusBuilder.DefaultDeadLetterAlertTimeout);
        await handled.Task.Soon();
        await provider.Bus.WhenSettled();

        await _cancelled.Task.Soon();
        await _reported.Task.Soon();
        Assert.Equal(1, later);
        Assert.Equal(1, await provider.Bus.DeadLetters.CountAsync());
        _release.SetResult();
    }

    [Fact]
    public async Task An_alert_that_blocks_its_thread_is_reported_and_has_its_token_cancelled()
    {
        var handled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = Logged("OnDeadLetter has not returned").Build(bus => Failing(bus, handled)
            .DeadLetterAlertTimeout(TimeSpan.FromSeconds(5))
            .OnDeadLetter((_, token) =>
            {
                _begun.SetResult();
                token.WaitHandle.WaitOne();
                return default;
            }));
        await provider.Bus.PublishAsync("bad");
        await provider.Bus.PublishAsync("good");
        await _begun.Task.Soon();

        _clock.Advance(TimeSpan.FromSeconds(5));

        await _reported.Task.Soon();
        await handled.Task.Soon();
    }

    [Fact]
    public async Task An_alert_that_returns_in_time_is_waited_for_and_reported_by_nothing()
    {
        var handled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = Logged("OnDeadLetter has not returned").Build(bus => Failing(bus, handled)
            .OnDeadLetter(async (_, _) =>
            {
                _begun.SetResult();
                await _release.Task;
            }));
        await provider.Bus.PublishAsync("bad");
        await provider.Bus.PublishAsync("good");
        await _begun.Task.Soon();

        _clock.Advance(EventBusBuilder.DefaultDeadLetterAlertTimeout - TimeSpan.FromTicks(1));
        _release.SetResult();
        await handled.Task.Soon();
        await provider.Bus.WhenSettled();
        _clock.Advance(EventBusBuilder.DefaultDeadLetterAlertTimeout);

        Assert.False(_reported.Task.IsCompleted);
    }

    private protected ServiceCollectionWithLog Logged(string line) => new(new SignallingLog(text => text.Contains(line, StringComparison.Ordinal), _reported));

    private protected EventBusBuilder Failing(EventBusBuilder bus, TaskCompletionSource handled) => bus.In(mode).UseTimeProvider(_clock).Handle<string>(
        (fact, _, _) =>
        {
            if (fact == "bad")
                throw new DoNotRetryException();
            handled.SetResult();
            return default;
        },
        s => s.In(mode));

    public sealed class Queued() : HangingAlertTests(DeliveryMode.Queued)
    {
        [Fact]
        public async Task A_store_that_does_not_answer_is_reported_and_waited_for()
        {
            var handled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var store = new HangingStore(_release.Task);
            await using var provider = Logged("dead-letter store has not answered").Build(bus => Failing(bus.UseDeadLetterStore(store), handled));
            await provider.Bus.PublishAsync("bad");
            await provider.Bus.PublishAsync("good");
            await store.Asked.Soon();

            _clock.Advance(EventBusBuilder.DefaultDeadLetterAlertTimeout);
            await _reported.Task.Soon();
            Assert.False(handled.Task.IsCompleted);

            _release.SetResult();
            await handled.Task.Soon();
            await provider.Bus.WhenSettled();
            Assert.Equal(1, await provider.Bus.DeadLetters.CountAsync());
        }
    }

    public sealed class Durable() : HangingAlertTests(DeliveryMode.Durable);

    private sealed class HangingStore(Task release) : IDeadLetterStore
    {
        private readonly InMemoryDeadLetterStore _inner = new();
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Asked => _asked.Task;

        public async ValueTask<DeadLetterAddition> AddAsync(DeadLetter letter, CancellationToken cancellationToken)
        {
            _asked.TrySetResult();
            await release;
            return await _inner.AddAsync(letter, cancellationToken);
        }

        public ValueTask<IReadOnlyList<DeadLetter>> ListAsync(DeadLetterQuery query, long afterId, int count, CancellationToken cancellationToken) => _inner.ListAsync(query, afterId, count, cancellationToken);

        public ValueTask<DeadLetter?> RemoveAsync(long id, CancellationToken cancellationToken) => _inner.RemoveAsync(id, cancellationToken);

        public ValueTask RestoreAsync(DeadLetter letter, CancellationToken cancellationToken) => _inner.RestoreAsync(letter, cancellationToken);

        public ValueTask<long> CountAsync(DeadLetterQuery query, CancellationToken cancellationToken) => _inner.CountAsync(query, cancellationToken);
    }
}
