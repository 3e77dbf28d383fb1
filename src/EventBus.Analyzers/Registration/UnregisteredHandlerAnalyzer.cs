using System.Collections.Concurrent;
using EventBus.Analyzers.Symbols;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace EventBus.Analyzers.Registration;

/// <summary>EB0009: in a project that registers handlers, one that nothing mentions gets no event.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class UnregisteredHandlerAnalyzer() : BusAnalyzer(Rules.UnregisteredHandler)
{
    // Generated code may be what registers a handler.
    protected override GeneratedCodeAnalysisFlags GeneratedCode => GeneratedCodeAnalysisFlags.Analyze;

    protected override void Begin(CompilationStartAnalysisContext start, BusSymbols bus)
    {
        if (bus.Builder is null)
            return;
        var project = new Project(start.Compilation, bus);
        start.RegisterSymbolAction(context => project.LookAt((INamedTypeSymbol)context.Symbol), SymbolKind.NamedType);
        start.RegisterOperationAction(context => project.LookAt((IInvocationOperation)context.Operation), OperationKind.Invocation);
        start.RegisterOperationAction(context => project.Mention(context.Operation.Type), OperationKind.ObjectCreation);
        start.RegisterOperationAction(context => project.LookAt((IPropertyReferenceOperation)context.Operation), OperationKind.PropertyReference);
        start.RegisterSyntaxNodeAction(context => project.Mention(context.SemanticModel.GetTypeInfo(((TypeOfExpressionSyntax)context.Node).Type, context.CancellationToken).Type), SyntaxKind.TypeOfExpression);
        start.RegisterCompilationEndAction(project.Report);
    }

    /// <summary>What one project declares and mentions.</summary>
    private sealed class Project(Compilation compilation, BusSymbols bus)
    {
        private readonly INamedTypeSymbol? _assembly = compilation.GetTypeByMetadataName("System.Reflection.Assembly");
        private readonly ConcurrentDictionary<INamedTypeSymbol, bool> _handlers = new(SymbolEqualityComparer.Default);
        private readonly ConcurrentDictionary<ITypeSymbol, bool> _mentioned = new(SymbolEqualityComparer.Default);
        private volatile bool _registers;
        private volatile bool _scans;

        public void LookAt(INamedTypeSymbol type)
        {
            if (type.BaseType is { } parent)
                Mention(parent);
            if (type is { TypeKind: TypeKind.Class, IsAbstract: false, IsGenericType: false, IsStatic: false, IsImplicitlyDeclared: false } && bus.IsHandler(type))
                _handlers.TryAdd(type, true);
        }

        public void LookAt(IInvocationOperation call)
        {
            var method = call.TargetMethod;
            foreach (var argument in method.TypeArguments)
                Mention(argument);
            foreach (var argument in method.ContainingType.TypeArguments)
                Mention(argument);
            if (bus.IsRegistration(method))
            {
                _registers = true;
                // An instance that was made elsewhere.
                foreach (var argument in call.Arguments)
                    Mention(argument.Value.Unconverted().Type);
            }
            else if (method.Name == "AddEventBus" && bus.IsOfTheBus(method))
            {
                _registers = true;
            }

            // Reflection over an assembly, or anything that is given one: nobody can tell what it registers.
            if (IsAssembly(method.ContainingType) || method.Name == "Scan" || method.Parameters.Any(parameter => MayBeAssemblies(parameter.Type)))
                _scans = true;
        }

        public void LookAt(IPropertyReferenceOperation property)
        {
            if (IsAssembly(property.Property.ContainingType))
                _scans = true;
        }

        public void Mention(ITypeSymbol? type)
        {
            switch (type)
            {
                case IArrayTypeSymbol array:
                    Mention(array.ElementType);
                    break;
                case INamedTypeSymbol named:
                    _mentioned.TryAdd(named.OriginalDefinition, true);
                    foreach (var argument in named.TypeArguments)
                        Mention(argument);
                    break;
            }
        }

        public void Report(CompilationAnalysisContext context)
        {
            if (!_registers || _scans)
                return;
            foreach (var handler in _handlers.Keys)
            {
                if (!_mentioned.ContainsKey(handler))
                    context.ReportDiagnostic(Diagnostic.Create(Rules.UnregisteredHandler, handler.Locations[0], handler.Name, bus.EventsOf(handler).First().Name));
            }
        }

        private bool MayBeAssemblies(ITypeSymbol type) => type switch
        {
            IArrayTypeSymbol array => IsAssembly(array.ElementType),
            INamedTypeSymbol named => IsAssembly(named) || named.TypeArguments.Any(IsAssembly),
            _ => false,
        };

        private bool IsAssembly(ITypeSymbol type) => _assembly is not null && SymbolEqualityComparer.Default.Equals(type, _assembly);
    }
}
