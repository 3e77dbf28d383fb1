using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using EventBus.Events;
using EventBus.Handling;
using EventBus.Settling;
using EventBus.Timing;

namespace EventBus.Routing;

/// <summary>Runs the inline handlers of one event type: every one is tried, in the order of registration, and what fails reaches
/// the publisher.</summary>
internal sealed class InlineRun<T>
{
    private readonly InlineTarget<T>[] _targets;
    private readonly HandlerCall<T>[]? _calls;
    private readonly bool _concurrently;
    private readonly RouteContext _bus;
    private readonly InlineContexts<T> _contexts;
    private readonly Func<long> _completed;

    public InlineRun(InlineTarget<T>[] targets, bool concurrently, RouteContext bus)
    {
        _targets = targets;
        if (Array.TrueForAll(targets, static target => target.Pipeline is HandlerCall<T>))
            _calls = Array.ConvertAll(targets, static target => (HandlerCall<T>)target.Pipeline);
        _concurrently = concurrently && targets.Length > 1;
        _bus = bus;
        _contexts = new(bus.Host, Array.ConvertAll(targets, static target => target.Subscription.Name));
        _completed = () => _contexts.Completed;
        foreach (var target in targets)
            target.Subscription.ReadAlso(_completed);
    }

    public bool AnyInUse => _contexts.AnyInUse;

    /// <summary>Ends counting in bulk, once another route has taken this one's place.</summary>
    /// <returns>Whether the count is final; if not, ask again later.</returns>
    public bool TryRetire()
    {
        _contexts.Retire();
        if (_contexts.AnyInUse)
            return false;
        foreach (var target in _targets)
            target.Subscription.ReadNoMore(_completed);
        return true;
    }

    public ValueTask RunAsync(T @event, in Stamp stamp, EventDetails? details, PublishOrigin? origin, CancellationToken cancellationToken)
    {
        if (_concurrently)
            return RunConcurrentlyAsync(@event, stamp, details, origin, cancellationToken);
        var context = _contexts.Rent();
        var delivery = context.Delivery;
        delivery.Begin(@event, stamp, details, origin);
        var handled = _calls is null || _bus.Telemetry.SeesHandling ? RunEach(@event, delivery, cancellationToken, out var attempt) : CallEach(_calls, @event, delivery, cancellationToken, out attempt);
        if (handled < _targets.Length)
            return GoOnAsync(context, handled, attempt, @event, cancellationToken);
        if (context.CountsInBulk)
            context.Completed++;
        else
            CountHandled(handled);
        End(context);
        return default;
    }

    /// <summary>Runs one handler after the other for as long as each simply succeeds.</summary>
    /// <returns>How many did.</returns>
    private int RunEach(T @event, DeliveryContext<T> delivery, CancellationToken cancellationToken, out ValueTask<Outcome> attempt)
    {
        attempt = default;
        for (var i = 0; i < _targets.Length; i++)
        {
            delivery.Enter(i);
            attempt = _targets[i].Pipeline.RunAsync(@event, delivery, cancellationToken);
            if (!attempt.IsCompletedSuccessfully)
                return i;
            var outcome = attempt.Result;
            delivery.Leave();
            if (!ReferenceEquals(outcome, Outcome.Handled))
            {
                attempt = new(outcome);
                return i;
            }
        }

        return _targets.Length;
    }

    /// <summary>The same where nothing but calls is asked for: what succeeds makes no outcome, and what throws is caught once for all.</summary>
    private static int CallEach(HandlerCall<T>[] calls, T @event, DeliveryContext<T> delivery, CancellationToken cancellationToken, out ValueTask<Outcome> attempt)
    {
        attempt = default;
        var i = 0;
        try
        {
            for (; i < calls.Length; i++)
            {
                delivery.Enter(i);
                var handling = calls[i].CallAsync(@event, delivery, cancellationToken);
                if (!handling.IsCompletedSuccessfully)
                {
                    attempt = HandlerCall<T>.OutcomeOf(handling);
                    return i;
                }

                handling.GetAwaiter().GetResult();
                delivery.Leave();
            }
        }
        catch (Exception error)
        {
            attempt = new(Outcome.Failed(error));
        }

        return i;
    }

    /// <summary>One handler must be waited for, or did not simply succeed: from here on each is counted by itself.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask GoOnAsync(InlineContext<T> context, int at, ValueTask<Outcome> attempt, T @event, CancellationToken cancellationToken)
    {
        var delivery = context.Delivery;
        List<Exception>? failures = null;
        CountHandled(at);
        for (var i = at; ;)
        {
            var outcome = await attempt.AnyContext();
            delivery.Leave();
            Count(_targets[i].Subscription, outcome, ref failures);
            if (++i == _targets.Length)
                break;
            delivery.Enter(i);
            attempt = _targets[i].Pipeline.RunAsync(@event, delivery, cancellationToken);
        }

        End(context);
        Throw(failures, cancellationToken);
    }

    private async ValueTask RunConcurrentlyAsync(T @event, Stamp stamp, EventDetails? details, PublishOrigin? origin, CancellationToken cancellationToken)
    {
        var contexts = new InlineContext<T>[_targets.Length];
        var attempts = new Task<Outcome>[_targets.Length];
        for (var i = 0; i < _targets.Length; i++)
        {
            contexts[i] = _contexts.Rent();
            contexts[i].Delivery.Begin(@event, stamp, details, origin);
            contexts[i].Delivery.Enter(i);
            attempts[i] = _targets[i].Pipeline.RunAsync(@event, contexts[i].Delivery, cancellationToken).AsTask();
        }

        List<Exception>? failures = null;
        for (var i = 0; i < _targets.Length; i++)
        {
            var outcome = await attempts[i].AnyContext();
            contexts[i].Delivery.Leave();
            Count(_targets[i].Subscription, outcome, ref failures);
            End(contexts[i]);
        }

        Throw(failures, cancellationToken);
    }

    private static void Count(InlineSubscription subscription, Outcome outcome, ref List<Exception>? failures)
    {
        switch (outcome.Kind)
        {
            case OutcomeKind.Handled:
                subscription.Counters.AddHandled(1);
                break;
            case OutcomeKind.Filtered:
                Interlocked.Increment(ref subscription.Counters.Filtered);
                break;
            default:
                Interlocked.Increment(ref subscription.Counters.Failed);
                (failures ??= []).Add(outcome.Error!);
                break;
        }
    }

    private static void Throw(List<Exception>? failures, CancellationToken cancellationToken)
    {
        if (failures is null)
            return;
        if (cancellationToken.IsCancellationRequested && failures.TrueForAll(static failure => WrappedError.IsOnly<OperationCanceledException>(failure)))
            throw new OperationCanceledException(failures[0].Message, failures[0], cancellationToken);
        // A PublishException would tell the publisher that its own event was not accepted.
        if (failures.Count == 1 && failures[0] is not PublishException)
            ExceptionDispatchInfo.Throw(failures[0]);
        throw new AggregateException("The event was accepted, and inline handlers failed.", failures);
    }

    private void CountHandled(int count)
    {
        for (var i = 0; i < count; i++)
            _targets[i].Subscription.Counters.AddHandled(1);
    }

    private void End(InlineContext<T> context)
    {
        _contexts.Return(context);
        _bus.Idle.Check();
    }
}
