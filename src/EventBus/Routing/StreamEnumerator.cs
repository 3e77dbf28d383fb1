using System.Runtime.CompilerServices;
using EventBus.Timing;

namespace EventBus.Routing;

/// <summary>Reads a stream, event by event. Goes on wherever its reader awaits, and needs no context of the reader's.</summary>
internal sealed class StreamEnumerator<TEvent> : IAsyncEnumerator<StreamedEvent<TEvent>>
    where TEvent : notnull
{
    private readonly IStreamSource _source;
    private readonly CancellationToken _asked;
    private readonly CancellationToken _enumerated;
    private readonly CancellationTokenRegistration _onAsked;
    private readonly CancellationTokenRegistration _onEnumerated;
    private StreamedEvent<TEvent>? _current;
    private bool _hasLeft;

    /// <param name="source">Where the events come from.</param>
    /// <param name="asked">The token that the stream was asked for with.</param>
    /// <param name="enumerated">The token that the enumeration was given.</param>
    public StreamEnumerator(IStreamSource source, CancellationToken asked, CancellationToken enumerated)
    {
        _source = source;
        _asked = asked;
        _enumerated = enumerated;
        _onAsked = asked.UnsafeRegister(static news => ((Wakeup)news!).Signal(), source.News);
        _onEnumerated = enumerated == asked ? default : enumerated.UnsafeRegister(static news => ((Wakeup)news!).Signal(), source.News);
    }

    public StreamedEvent<TEvent> Current => _current
        ?? throw new InvalidOperationException("The stream is not at an event. Await MoveNextAsync, and read Current only where that returned true.");

    public ValueTask<bool> MoveNextAsync()
    {
        if (_asked.IsCancellationRequested || _enumerated.IsCancellationRequested || _hasLeft)
            return WaitAsync();
        var look = _source.Look(out _current);
        return look == StreamLook.Taken ? new(true) : WaitAsync();
    }

    public ValueTask DisposeAsync()
    {
        if (_hasLeft)
            return default;
        _hasLeft = true;
        _onAsked.Dispose();
        _onEnumerated.Dispose();
        _current = null;
        return _source.LeaveAsync();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitAsync()
    {
        while (true)
        {
            _current = null;
            _asked.ThrowIfCancellationRequested();
            _enumerated.ThrowIfCancellationRequested();
            if (_hasLeft)
                return false;
            switch (_source.Look(out _current))
            {
                case StreamLook.Taken:
                    return true;
                case StreamLook.Ended:
                    _source.Failure?.Throw();
                    return false;
                default:
                    await _source.News;
                    break;
            }
        }
    }
}
