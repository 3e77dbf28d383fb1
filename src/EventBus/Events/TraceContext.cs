using System.Diagnostics;
using System.Globalization;

namespace EventBus.Events;

/// <summary>The place in a trace at which an event was published: what leads to whoever handles it, wherever and whenever that is.</summary>
internal sealed class TraceContext(ActivityContext context)
{
    public ActivityContext Context => context;

    /// <summary>As text, in the form of W3C Trace Context (CloudEvents <c>traceparent</c>).</summary>
    public string Parent => string.Create(CultureInfo.InvariantCulture, $"00-{context.TraceId}-{context.SpanId}-{(byte)context.TraceFlags:x2}");

    /// <summary>What vendors keep beside it (CloudEvents <c>tracestate</c>).</summary>
    public string? State => string.IsNullOrEmpty(context.TraceState) ? null : context.TraceState;

    /// <summary>Where the code runs that asks; nothing outside of every trace.</summary>
    /// <remarks>Remote, for an event carries it to another flow of control: of a trace that is not sampled, only what has a remote parent still gets a span to hold on to, and
    /// what a handler calls is not sampled either.</remarks>
    public static TraceContext? Current => Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity
        ? new(new(activity.TraceId, activity.SpanId, activity.ActivityTraceFlags, activity.TraceStateString, isRemote: true))
        : null;

    /// <summary>What was written down. Of what cannot be read, nothing: an event is not lost over its trace.</summary>
    public static TraceContext? Of(string? parent, string? state) =>
        parent is not null && ActivityContext.TryParse(parent, state, isRemote: true, out var read) ? new(read) : null;
}
