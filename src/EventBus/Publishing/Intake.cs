using EventBus.Events;
using EventBus.Queueing;

namespace EventBus.Publishing;

/// <summary>The gate that every published event passes. Open, it costs one comparison.</summary>
internal sealed class Intake(IDeliveryHost host, Action start)
{
    private volatile EventBusState _state;

    public bool IsOpen => _state == EventBusState.Started;

    public EventBusState State
    {
        get => _state;
        set => _state = value;
    }

    /// <summary>Called where the gate is not simply open. The first time, it starts the bus.</summary>
    /// <returns>Why the event is not let in: the start failed, or the bus takes nothing now. Nothing if it is let in.</returns>
    public Exception? Refuse(PublishOrigin? origin)
    {
        if (_state != EventBusState.NotStarted)
            return Refusal(origin);
        try
        {
            start();
        }
        catch (Exception failure)
        {
            // Returned: a publish fails by its task, also where it was the first.
            return failure;
        }

        return Refusal(origin);
    }

    /// <summary>Why the bus takes nothing now, as it is; nothing if it does.</summary>
    public EventBusStoppedException? Refusal(PublishOrigin? origin) => _state switch
    {
        EventBusState.Started => null,
        // What runs may finish its work, and what it publishes is part of it.
        EventBusState.Stopping when origin is { IsDelivering: true } || WorkerMark.IsOf(host) => null,
        EventBusState.Stopping => new("The bus is stopping and takes events only from the handlers that still run. Publish before it stops."),
        EventBusState.Disposed => new("The bus is disposed. Keep it alive for as long as anybody publishes: the container does so when it is registered with AddEventBus."),
        _ => new("The bus is stopped. Start it again with StartAsync, or publish before it stops."),
    };
}
