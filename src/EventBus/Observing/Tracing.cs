using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;
using EventBus.Events;
using EventBus.Timing;

namespace EventBus.Observing;

/// <summary>Makes the spans of all buses, as the OpenTelemetry conventions for messaging name them.</summary>
internal static class Tracing
{
    public const string Name = "EventBus";

    public static readonly string Version = VersionOf(typeof(Tracing).Assembly);

    private static readonly ActivitySource s_source = new(Name, Version);

    private static int s_isPrepared;

    /// <summary>Makes ready what the runtime makes with the first source and the first meter of a process: that takes it some ten milliseconds, in which the application goes on registering.</summary>
    /// <remarks>Native code takes it no time, and a thread would cost more.</remarks>
    public static void Prepare()
    {
        if (RuntimeFeature.IsDynamicCodeSupported && Interlocked.Exchange(ref s_isPrepared, 1) == 0)
            ThreadStarter.Instance.Start(new Preparation());
    }

    /// <summary>Whether anybody wants spans: read for every event, and two fields long.</summary>
    public static bool IsOn => s_source.HasListeners();

    /// <param name="name">The span's name, made once for each event type.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="tags">What is known of every span of this name, for whoever chooses which spans are kept.</param>
    /// <param name="parent">What it belongs to; none for what runs here and now.</param>
    /// <param name="link">What it also came from.</param>
    public static Activity? Start(string name, ActivityKind kind, IEnumerable<KeyValuePair<string, object?>> tags, TraceContext? parent = null, TraceContext? link = null) =>
        s_source.StartActivity(kind, parent?.Context ?? default, tags, link is null ? null : [new ActivityLink(link.Context)], default, name);

    /// <summary>Names the event that a span is about. Its key and its headers are left out: they may be about people.</summary>
    public static void Describe(Activity span, string id, string? correlationId)
    {
        span.SetTag(TelemetryTags.MessageId, id);
        span.SetTag(TelemetryTags.ConversationId, correlationId ?? id);
    }

    /// <summary>Ends a span. Of a failure it keeps the type: what the exception says may tell of the event's body.</summary>
    public static void End(Activity? span, Exception? failure)
    {
        if (span is null)
            return;
        if (failure is not null)
        {
            span.SetTag(TelemetryTags.ErrorType, ErrorTypes.NameOf(failure));
            span.SetStatus(ActivityStatusCode.Error);
        }

        span.Dispose();
    }

    // Without what the build adds to it.
    private static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    private sealed class Preparation : IThreadPoolWorkItem
    {
        public void Execute()
        {
            _ = IsOn;
            // Nobody sees it: it has no instruments.
            new Meter(Name).Dispose();
        }
    }
}
