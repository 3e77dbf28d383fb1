using EventBus.Observing;
using EventBus.Routing;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Publishing;

/// <summary>What all publishers of a bus share.</summary>
internal sealed class PublishingParts(Intake intake, Stamper stamper, Clock clock, RouteTable routes, Enrichment? enrichment, ILogger log, BusTelemetry telemetry)
{
    private object?[] _publications = new object?[16];

    public Intake Intake => intake;

    public Stamper Stamper => stamper;

    public Clock Clock => clock;

    public RouteTable Routes => routes;

    /// <summary>Gives events further attributes; none where nobody asked for that.</summary>
    public Enrichment? Enrichment => enrichment;

    public ILogger Log => log;

    public BusTelemetry Telemetry => telemetry;

    /// <summary>Publishing of one type: found by a number that the type is given once in the process.</summary>
    public Publication<T> For<T>()
        where T : notnull
    {
        var publications = Volatile.Read(ref _publications);
        var number = EventTypeNumber<T>.Value;
        return number < publications.Length && publications[number] is { } known
            ? System.Runtime.CompilerServices.Unsafe.As<Publication<T>>(known)
            : Create<T>(number);
    }

    private Publication<T> Create<T>(int number)
        where T : notnull
    {
        // Before the lock: for a new type it may ask the application.
        var slot = routes.For<T>();
        lock (routes)
        {
            var publications = _publications;
            if (number >= publications.Length)
                Array.Resize(ref publications, Math.Max(number + 1, publications.Length * 2));
            var publication = (Publication<T>)(publications[number] ??= new Publication<T>(this, slot));
            Volatile.Write(ref _publications, publications);
            return publication;
        }
    }
}

/// <summary>Numbers the event types of the process, in the order in which they are first published.</summary>
internal static class EventTypeNumber
{
    private static int s_last = -1;

    public static int Next() => Interlocked.Increment(ref s_last);
}

/// <inheritdoc cref="EventTypeNumber"/>
internal static class EventTypeNumber<T>
{
    public static readonly int Value = EventTypeNumber.Next();
}
