using System.Buffers;
using EventBus.Events;
using EventBus.Handling;
using EventBus.Settling;
using EventBus.Storage;

namespace EventBus.Testing;

/// <summary>Gives handlers, filters included, what the serializer makes of an event and not the event itself.</summary>
internal sealed class RoundTrip<T>(IEventSerializer serializer, AttemptStage<T> pipeline) : AttemptStage<T>
{
    public override ValueTask<Outcome> RunAsync(T @event, DeliveryContext context, CancellationToken cancellationToken)
    {
        T read;
        try
        {
            var type = @event!.GetType();
            var body = new ArrayBufferWriter<byte>();
            serializer.Serialize(@event, type, body);
            read = (T)serializer.Deserialize(body.WrittenSpan, type);
        }
        catch (Exception error)
        {
            return new(Outcome.Failed(new DoNotRetryException($"{FlowText.Of(@event!)} does not come back from {serializer.GetType().Name}: {error.Message}", error)));
        }

        return pipeline.RunAsync(read, context, cancellationToken);
    }
}
