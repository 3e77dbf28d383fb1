using System.Reflection;
using Microsoft.CodeAnalysis;

namespace EventBus.Analyzers;

/// <summary>Every rule: its id never changes its meaning, and has a page in the documentation.</summary>
internal static class Rules
{
    public const string AsyncVoidId = "EB0001";
    public const string UnawaitedPublishId = "EB0002";
    public const string KeptContextId = "EB0003";
    public const string UnnamedDurableId = "EB0004";
    public const string ChangeableEventId = "EB0005";
    public const string UnknownToJsonId = "EB0006";
    public const string PublishedTaskId = "EB0007";
    public const string PublishedCollectionId = "EB0008";
    public const string UnregisteredHandlerId = "EB0009";
    public const string LostStateId = "EB0010";
    public const string BusInHandlerId = "EB0011";
    public const string DroppedPublishId = "EB0012";

    private const string Category = "EventBus";

    public static readonly DiagnosticDescriptor AsyncVoid = new(
        AsyncVoidId,
        "A handler's code is async void",
        "{0} is async void: nobody waits for its end, and its failure ends the process. {1}.",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "What runs after a handler has returned is outside its delivery: it is not retried, not waited for by a stop, and its exception is thrown on the thread pool.",
        PageOf(AsyncVoidId));

    public static readonly DiagnosticDescriptor UnawaitedPublish = new(
        UnawaitedPublishId,
        "A handler does not await what it publishes",
        "Nobody awaits this {0}: if it fails the handler's delivery is settled all the same, and the event is lost. Await it.",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A publish that is not awaited may fail, or still wait for room, after the delivery that it belongs to was settled: then nothing publishes the event again.",
        PageOf(UnawaitedPublishId));

    public static readonly DiagnosticDescriptor KeptContext = new(
        KeptContextId,
        "An EventContext is kept after its handler",
        "'{0}' {1}, where it may be read after its handler has returned, which throws. {2}.",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "An EventContext is a view on pooled memory that ends with the delivery. EventContext.Capture() gives an immutable copy.",
        PageOf(KeptContextId));

    public static readonly DiagnosticDescriptor UnnamedDurable = new(
        UnnamedDurableId,
        "A durable subscription has no name",
        "The durable subscription of '{0}' has no name, under which its state is kept: the bus cannot be built. Add .Named(\"...\").",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "The position of a durable subscription is stored under its name, which therefore has to stay the same across deployments.",
        PageOf(UnnamedDurableId));

    public static readonly DiagnosticDescriptor ChangeableEvent = new(
        ChangeableEventId,
        "An event can be changed after it was published",
        "Event '{0}' can be changed after it was published, while other subscriptions see the same instance. Make {1} init-only or read-only.",
        Category,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        "Every subscription gets the same instance of an event, at any time, on any thread.",
        PageOf(ChangeableEventId));

    public static readonly DiagnosticDescriptor UnknownToJson = new(
        UnknownToJsonId,
        "The JSON context does not know a durable subscription's event",
        "A durable subscription gets '{0}' from the event log, and '{1}' has no JSON contract for it: the bus cannot be built. Add [JsonSerializable(typeof({0}))] to '{1}'.",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "With UseJson, an event that goes into the event log must be among the [JsonSerializable] types of the context.",
        PageOf(UnknownToJsonId));

    public static readonly DiagnosticDescriptor PublishedTask = new(
        PublishedTaskId,
        "A task is published as an event",
        "This publishes the '{0}' itself, which throws. Await it, and publish its result.",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A task is no fact: an await was forgotten.",
        PageOf(PublishedTaskId));

    public static readonly DiagnosticDescriptor PublishedCollection = new(
        PublishedCollectionId,
        "A collection is published as one event",
        "This publishes the '{0}' itself, as one event. {1}, or give the type argument if it is one event.",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A collection that nobody subscribes to is refused when it is published: its elements were meant.",
        PageOf(PublishedCollectionId));

    public static readonly DiagnosticDescriptor UnregisteredHandler = new(
        UnregisteredHandlerId,
        "A handler is never registered",
        "Handler '{0}' is registered nowhere in this project: no event reaches it. Register it with AddHandler<{1}, {0}>() or AddSubscription<{0}>(...).",
        Category,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        "Handlers are not found by themselves.",
        PageOf(UnregisteredHandlerId),
        WellKnownDiagnosticTags.CompilationEnd);

    public static readonly DiagnosticDescriptor LostState = new(
        LostStateId,
        "A stored event would not come back as it was",
        "Event '{0}' is stored, and {1} would not come back: the bus cannot be built. Give it a public init setter or a constructor parameter of its name and type, or mark it [JsonIgnore].",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "What goes into the event log is written as JSON and read from it after a restart: a member that the serializer cannot set comes back empty.",
        PageOf(LostStateId));

    public static readonly DiagnosticDescriptor BusInHandler = new(
        BusInHandlerId,
        "A handler publishes with the bus, and not with a publisher",
        "'{0}' is an IEventBus: what a handler publishes with it has no cause, and an inline handler of it with InlineScope.Caller does not share this handler's scope. Take an IEventPublisher instead, or use the context's.",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "The bus is one for the whole process and does not know which delivery runs. The IEventPublisher of a delivery's scope, and the one of its context, do.",
        PageOf(BusInHandlerId));

    public static readonly DiagnosticDescriptor DroppedPublish = new(
        DroppedPublishId,
        "A publish is not awaited",
        "This {0} is not awaited: the code goes on before the event is accepted, and a failure is lost. Await it, or write '_ =' if that is meant.",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A publish is complete when the event is accepted. The compiler itself warns of one that is dropped in async methods only (CS4014).",
        PageOf(DroppedPublishId));

    // Without a site of the project's own it is the path in the repository.
    private static string PageOf(string id)
    {
        var page = $"docs/analyzers/{id}.md";
        var project = typeof(Rules).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(static metadata => metadata.Key == "ProjectAddress")?.Value;
        return project is null ? page : $"{project.TrimEnd('/')}/blob/main/{page}";
    }
}
