using System.Collections.Concurrent;
using EventBus.Analyzers.Symbols;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace EventBus.Analyzers.Registration;

/// <summary>EB0006: what a durable subscription gets was written to the log, so the JSON context that the bus was given knows it.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class UnknownToJsonAnalyzer() : BusAnalyzer(Rules.UnknownToJson)
{
    protected override void Begin(CompilationStartAnalysisContext start, BusSymbols bus)
    {
        var project = new Project(start.Compilation, bus);
        start.RegisterOperationAction(context => project.LookAt((IInvocationOperation)context.Operation), OperationKind.Invocation);
        start.RegisterCompilationEndAction(project.Report);
    }

    /// <summary>The durable events of one project, and the contexts that its buses are given.</summary>
    private sealed class Project(Compilation compilation, BusSymbols bus)
    {
        private readonly INamedTypeSymbol? _anyContext = compilation.GetTypeByMetadataName("System.Text.Json.Serialization.JsonSerializerContext");
        private readonly ConcurrentBag<(ITypeSymbol Event, Location Place)> _durable = new();
        private readonly ConcurrentDictionary<INamedTypeSymbol, bool> _contexts = new(SymbolEqualityComparer.Default);
        private volatile bool _isUnclear;

        public void LookAt(IInvocationOperation call)
        {
            if (bus.IsBuilder(call.TargetMethod.ContainingType) && call.TargetMethod.Name is "UseJson" or "UseSerializer")
                LookAtSerializer(call);
            else if (bus.IsRegistration(call.TargetMethod) && Settings.Of(call, bus) is { Durable: { } durable } settings)
                LookAtDurable(call, settings, durable);
        }

        public void Report(CompilationAnalysisContext context)
        {
            if (_isUnclear || _contexts.IsEmpty)
                return;
            var known = new JsonContracts(compilation, _contexts.Keys);
            var name = _contexts.Keys.Select(static one => one.Name).OrderBy(static one => one, StringComparer.Ordinal).First();
            foreach (var (@event, place) in _durable)
            {
                if (!known.Contain(@event))
                    context.ReportDiagnostic(Diagnostic.Create(Rules.UnknownToJson, place, @event.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat), name));
            }
        }

        private void LookAtSerializer(IInvocationOperation call)
        {
            if (call.TargetMethod.Name == "UseJson" && call.Arguments[0].Value.Unconverted().Type is INamedTypeSymbol context && !SymbolEqualityComparer.Default.Equals(context, _anyContext))
                _contexts.TryAdd(context, true);
            else
                _isUnclear = true;
        }

        private void LookAtDurable(IInvocationOperation registration, Settings settings, IInvocationOperation durable)
        {
            var events = registration.TargetMethod.Name == "AddSubscription" ? settings.Events : new[] { registration.TargetMethod.TypeArguments[0] };
            foreach (var @event in events)
            {
                // Of an interface or an abstract class only what derives from it is ever published.
                if (@event is INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct, IsAbstract: false, SpecialType: SpecialType.None })
                    _durable.Add((@event, durable.Syntax.GetLocation()));
            }
        }
    }
}
