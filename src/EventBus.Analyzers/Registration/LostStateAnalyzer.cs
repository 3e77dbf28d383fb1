using System.Collections.Immutable;
using EventBus.Analyzers.Events;
using EventBus.Analyzers.Symbols;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace EventBus.Analyzers.Registration;

/// <summary>EB0010: what goes into the event log comes back as it was.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class LostStateAnalyzer() : BusAnalyzer(Rules.LostState)
{
    /// <summary>The property of the diagnostic that tells the fix the event.</summary>
    public const string EventType = nameof(EventType);

    protected override void Begin(CompilationStartAnalysisContext start, BusSymbols bus) =>
        start.RegisterOperationBlockStartAction(block =>
        {
            var member = new Member(bus);
            block.RegisterOperationAction(context => member.LookAt((IInvocationOperation)context.Operation), OperationKind.Invocation);
            block.RegisterOperationBlockEndAction(member.Report);
        });

    /// <summary>The stored events of the buses that one member builds, and what it says about how they are stored.</summary>
    private sealed class Member(BusSymbols bus)
    {
        private readonly object _gate = new();
        private readonly List<(ITypeSymbol Event, Location Place)> _stored = new();
        private readonly List<ITypeSymbol> _inPart = new();
        private bool _hasSerializer;

        public void LookAt(IInvocationOperation call)
        {
            var method = call.TargetMethod;
            if (!bus.IsBuilder(method.ContainingType) && !bus.IsRegistration(method))
                return;
            lock (_gate)
            {
                if (method.Name == "UseSerializer")
                    _hasSerializer = true;
                else if (method.Name == "AddEvent")
                    LookAtEvent(call);
                else if (bus.IsRegistration(method) && Settings.Of(call, bus) is { Durable: { } durable } settings)
                    _stored.AddRange((method.Name == "AddSubscription" ? settings.Events : new[] { method.TypeArguments[0] }).Select(type => (type, durable.Syntax.GetLocation())));
            }
        }

        public void Report(OperationBlockAnalysisContext context)
        {
            // Another serializer may write what this rule misses.
            if (_hasSerializer)
                return;
            foreach (var (@event, place) in _stored)
            {
                if (@event is INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct, IsAbstract: false } type && !_inPart.Contains(type, SymbolEqualityComparer.Default)
                    && LostState.MembersOf(type) is { Count: > 0 } members)
                    context.ReportDiagnostic(Found(type, members, place));
            }
        }

        private static Diagnostic Found(INamedTypeSymbol type, IReadOnlyList<ISymbol> members, Location place)
        {
            var properties = ImmutableDictionary<string, string?>.Empty.Add(EventType, type.OriginalDefinition.GetDocumentationCommentId());
            return Diagnostic.Create(Rules.LostState, place, properties, type.Name, string.Join(", ", members.Select(static member => $"'{member.Name}'")));
        }

        private void LookAtEvent(IInvocationOperation call)
        {
            foreach (var said in call.Arguments.SelectMany(static argument => argument.Descendants()).OfType<IInvocationOperation>().Where(said => bus.IsOfTheBus(said.TargetMethod)))
            {
                if (said.TargetMethod.Name == "Logged")
                    _stored.Add((call.TargetMethod.TypeArguments[0], said.Syntax.GetLocation()));
                else if (said.TargetMethod.Name == "StoresPart")
                    _inPart.Add(call.TargetMethod.TypeArguments[0]);
            }
        }
    }
}
