using Microsoft.CodeAnalysis;

namespace EventBus.Analyzers.Symbols;

/// <summary>The types of the bus that the rules ask about, found once per compilation.</summary>
internal sealed class BusSymbols
{
    private static readonly string[] s_publishing = ["PublishAsync", "PublishManyAsync", "ScheduleAsync"];

    private readonly INamedTypeSymbol _handler;
    private readonly INamedTypeSymbol _context;
    private readonly INamedTypeSymbol? _middleware;
    private readonly INamedTypeSymbol? _publisher;
    private readonly INamedTypeSymbol? _publisherOfEvent;
    private readonly INamedTypeSymbol? _publisherExtensions;
    private readonly INamedTypeSymbol? _bus;

    private BusSymbols(Compilation compilation, INamedTypeSymbol handler, INamedTypeSymbol context)
    {
        _handler = handler;
        _context = context;
        _middleware = compilation.GetTypeByMetadataName("EventBus.IEventMiddleware");
        _publisher = compilation.GetTypeByMetadataName("EventBus.IEventPublisher");
        _publisherOfEvent = compilation.GetTypeByMetadataName("EventBus.IEventPublisher`1");
        _publisherExtensions = compilation.GetTypeByMetadataName("EventBus.EventPublisherExtensions");
        _bus = compilation.GetTypeByMetadataName("EventBus.IEventBus");
        Builder = compilation.GetTypeByMetadataName("EventBus.EventBusBuilder");
        SubscriptionBuilder = compilation.GetTypeByMetadataName("EventBus.SubscriptionBuilder`1");
        MultiSubscriptionBuilder = compilation.GetTypeByMetadataName("EventBus.MultiSubscriptionBuilder`1");
        CommonSubscriptionBuilder = compilation.GetTypeByMetadataName("EventBus.SubscriptionBuilderOf`1");
    }

    /// <summary><c>EventBusBuilder</c>; null in a project that only has the abstractions.</summary>
    public INamedTypeSymbol? Builder { get; }

    public INamedTypeSymbol? SubscriptionBuilder { get; }

    public INamedTypeSymbol? MultiSubscriptionBuilder { get; }

    public INamedTypeSymbol? CommonSubscriptionBuilder { get; }

    /// <summary>The symbols, or null where the bus is not referenced.</summary>
    public static BusSymbols? In(Compilation compilation) =>
        compilation.GetTypeByMetadataName("EventBus.IEventHandler`1") is { } handler && compilation.GetTypeByMetadataName("EventBus.EventContext") is { } context
            ? new BusSymbols(compilation, handler, context)
            : null;

    public bool IsContext(ITypeSymbol? type) => SymbolEqualityComparer.Default.Equals(type, _context);

    /// <summary>Whether it is the context, or a tuple or nullable with it.</summary>
    public bool HoldsContext(ITypeSymbol? type) =>
        IsContext(type) || (type is INamedTypeSymbol { IsGenericType: true } generic
            && (generic.IsTupleType || generic.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T)
            && generic.TypeArguments.Any(HoldsContext));

    public bool IsHandler(INamedTypeSymbol type) => type.AllInterfaces.Any(IsHandlerInterface);

    /// <summary>Whether its code runs within deliveries: a handler, or middleware around one.</summary>
    public bool RunsInDeliveries(INamedTypeSymbol type) => IsHandler(type) || (_middleware is not null && type.AllInterfaces.Contains(_middleware, SymbolEqualityComparer.Default));

    /// <summary>The event types that a class handles.</summary>
    public IEnumerable<ITypeSymbol> EventsOf(INamedTypeSymbol handler) => handler.AllInterfaces.Where(IsHandlerInterface).Select(static handled => handled.TypeArguments[0]);

    public bool TakesContext(IMethodSymbol function) => function.Parameters.Any(parameter => IsContext(parameter.Type));

    /// <summary>Whether it is a method of a publisher that publishes, at once or later.</summary>
    public bool IsPublish(IMethodSymbol method) => s_publishing.Contains(method.Name) && IsPublisher(method.ContainingType);

    /// <summary>Whether it hands an event to a handler, as middleware does.</summary>
    public bool IsHandling(IMethodSymbol method) => method.Name == "HandleAsync" && (IsHandlerInterface(method.ContainingType) || IsHandler(method.ContainingType));

    /// <summary>Whether it registers a handler, with the builder or while the bus runs.</summary>
    public bool IsRegistration(IMethodSymbol method) => IsBuilder(method.ContainingType) ? method.Name is "AddHandler" or "Handle" or "AddSubscription" : method.Name == "Subscribe" && IsBus(method.ContainingType);

    public bool IsBuilder(ITypeSymbol type) => Builder is not null && SymbolEqualityComparer.Default.Equals(type, Builder);

    /// <summary>Whether it came with the bus, and not from the application.</summary>
    public bool IsOfTheBus(ISymbol symbol) => symbol.ContainingAssembly is { } assembly
        && (SymbolEqualityComparer.Default.Equals(assembly, _handler.ContainingAssembly) || SymbolEqualityComparer.Default.Equals(assembly, Builder?.ContainingAssembly));

    /// <summary>Whether it is the bus itself, which does not know which delivery runs.</summary>
    public bool IsBus(ITypeSymbol? type) => type is INamedTypeSymbol named && IsBus(named);

    private bool IsBus(INamedTypeSymbol type) => _bus is not null && (SymbolEqualityComparer.Default.Equals(type, _bus) || type.AllInterfaces.Contains(_bus, SymbolEqualityComparer.Default));

    private bool IsPublisher(INamedTypeSymbol type) => Is(type) || type.AllInterfaces.Any(Is);

    private bool Is(INamedTypeSymbol type)
    {
        var definition = type.OriginalDefinition;
        return SymbolEqualityComparer.Default.Equals(definition, _publisher) || SymbolEqualityComparer.Default.Equals(definition, _publisherOfEvent)
            || SymbolEqualityComparer.Default.Equals(definition, _publisherExtensions);
    }

    private bool IsHandlerInterface(INamedTypeSymbol type) => SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, _handler);
}
