using EventBus.Routing;

namespace EventBus.Lifecycle;

/// <summary>A stream before it is read: each enumeration begins one.</summary>
internal sealed class EventStream<TEvent>(Streams streams, StreamOptions options, CancellationToken asked) : IAsyncEnumerable<StreamedEvent<TEvent>>
    where TEvent : notnull
{
    // No iterator: one would begin only with the first MoveNextAsync, and what is published before would be missed.
    public IAsyncEnumerator<StreamedEvent<TEvent>> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        new StreamEnumerator<TEvent>(streams.Open(typeof(TEvent), options), asked, cancellationToken);
}
