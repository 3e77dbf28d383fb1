using System.Collections.Immutable;
using EventBus.Analyzers.Symbols;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace EventBus.Analyzers.Registration;

/// <summary>EB0006: what a durable subscription gets was written to the log, so the JSON context that its bus was given knows it.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class UnknownToJsonAnalyzer() : BusAnalyzer(Rules.UnknownToJson)
{
    /// <summary>The property of the diagnostic that tells the fix the context.</summary>
    public const string Context = nameof(Context);

    /// <summary>The property of the diagnostic that tells the fix the event.</summary>
    public const string EventType = nameof(EventType);

    protected override void Begin(CompilationStartAnalysisContext start, BusSymbols bus) =>
        // What is said of one builder in one member: other members may build other buses.
        start.RegisterOperationBlockStartAction(block =>
        {
            var member = new Member(block.Compilation, bus);
            block.RegisterOperationAction(context => member.LookAt((IInvocationOperation)context.Operation), OperationKind.Invocation);
            block.RegisterOperationBlockEndAction(member.Report);
        });

    /// <summary>The durable events and the JSON contexts of the buses that one member builds.</summary>
    private sealed class Member(Compilation compilation, BusSymbols bus)
    {
        private readonly object _gate = new();
        private List<(object Builder, INamedTypeSymbol? Context)>? _serializers;
        private List<(object Builder, ITypeSymbol Event, Location Place)>? _durable;

        public void LookAt(IInvocationOperation call)
        {
            var method = call.TargetMethod;
            if (!bus.IsBuilder(method.ContainingType) || BuilderOf(call) is not { } builder)
                return;
            if (method.Name is "UseJson" or "UseSerializer")
                Add(ref _serializers, (builder, method.Name == "UseJson" ? call.Arguments[0].Value.Unconverted().Type as INamedTypeSymbol : null));
            else if (bus.IsRegistration(method) && Settings.Of(call, bus) is { Durable: { } durable } settings)
                AddEvents(builder, method.Name == "AddSubscription" ? settings.Events : new[] { method.TypeArguments[0] }, durable.Syntax.GetLocation());
        }

        public void Report(OperationBlockAnalysisContext context)
        {
            if (_serializers is null || _durable is null)
                return;
            foreach (var (builder, @event, place) in _durable)
            {
                var contexts = _serializers.Where(chosen => chosen.Builder.Equals(builder)).Select(static chosen => chosen.Context).ToArray();
                if (contexts.Length > 0 && contexts.All(IsOfTheApplication) && !new JsonContracts(compilation, contexts!).Contain(@event))
                    context.ReportDiagnostic(Found(@event, contexts[0]!, place));
            }
        }

        private static Diagnostic Found(ITypeSymbol @event, INamedTypeSymbol context, Location place)
        {
            var properties = ImmutableDictionary<string, string?>.Empty
                .Add(Context, context.GetDocumentationCommentId())
                .Add(EventType, @event.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat));
            return Diagnostic.Create(Rules.UnknownToJson, place, properties, @event.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat), context.Name);
        }

        // The base class, JsonSerializerContext, stands for a context that cannot be seen here.
        private static bool IsOfTheApplication(INamedTypeSymbol? context) => context is { IsAbstract: false };

        private void AddEvents(object builder, IEnumerable<ITypeSymbol> events, Location place)
        {
            foreach (var @event in events)
            {
                // Of an interface or an abstract class only what derives from it is ever published.
                if (@event is INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct, IsAbstract: false, SpecialType: SpecialType.None })
                    Add(ref _durable, (builder, @event, place));
            }
        }

        private void Add<T>(ref List<T>? list, T item)
        {
            lock (_gate)
                (list ??= new()).Add(item);
        }

        /// <summary>What a chain of calls begins with: the variable, or the place where the builder is made.</summary>
        private object? BuilderOf(IInvocationOperation call)
        {
            var value = call.Instance?.Unconverted();
            while (value is IInvocationOperation { Type: { } type } before && bus.IsBuilder(type))
                value = (before.Instance ?? before.Arguments.FirstOrDefault()?.Value)?.Unconverted();
            return value switch
            {
                IParameterReferenceOperation parameter => parameter.Parameter,
                ILocalReferenceOperation local => local.Local,
                IObjectCreationOperation creation => creation.Syntax,
                _ => null,
            };
        }
    }
}
