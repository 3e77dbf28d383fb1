namespace EventBus;

/// <summary>Gives events attributes when they are published, whoever publishes them: the tenant, the source, a key.</summary>
/// <remarks>
/// Called once for each event, however it is published: by itself, in a batch, through a bound publisher, or scheduled, and then when it is scheduled. Before anybody has the event, so it never changes what was accepted. Several are called
/// in the order of their registration: those of the bus, then those of event types; each sees what the ones before it have set. Called by many threads at once.
/// </remarks>
public interface IEventEnricher
{
    /// <summary>Adds to the attributes of an event.</summary>
    /// <param name="event">The event.</param>
    /// <param name="attributes">What it carries so far: what its publisher gave, and what led to it. Not to be kept.</param>
    /// <param name="cancellationToken">The publisher's own.</param>
    /// <returns>Completes when the attributes are set. What it throws refuses the event: nobody gets it, and the publisher gets a <see cref="PublishException"/> with the exception inside.</returns>
    ValueTask EnrichAsync(object @event, EventEnrichment attributes, CancellationToken cancellationToken);
}
