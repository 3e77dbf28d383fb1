using EventBus;
using OnlineRetail.Publishing;

namespace OnlineRetail.Reporting;

/// <summary>Collects what happens to the events of one invoice, found by their correlation id.</summary>
public sealed class FlowLog(string? invoice)
{
    private readonly object _gate = new();
    private readonly List<Step> _steps = [];

    /// <summary>A till is about to publish an event.</summary>
    public void Published(PublishOptions options, string what)
    {
        if (invoice is not null && options.CorrelationId == invoice)
            Add(new Step(options.Id!, options.Headers![Tills.TillHeader], "publishes " + what));
    }

    /// <summary>A handler did something with an event.</summary>
    public void Note(EventContext context, string what)
    {
        if (invoice is not null && context.CorrelationId == invoice)
            Add(new Step(context.Id, context.Subscription, $"attempt {context.Attempt}: {what}"));
    }

    /// <summary>The steps of each event, events in the order in which they were published.</summary>
    public void Write(TextWriter output)
    {
        if (invoice is null)
            return;

        output.WriteLine($"The flow of invoice {invoice}");
        foreach (var steps in _steps.GroupBy(static step => step.EventId))
        {
            output.WriteLine($"  {steps.Key}");
            foreach (var step in steps)
                output.WriteLine($"    {step.Who,-8}  {step.What}");
        }

        output.WriteLine();
    }

    private void Add(Step step)
    {
        lock (_gate)
            _steps.Add(step);
    }

    private sealed record Step(string EventId, string Who, string What);
}
