using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EventBus.CodeFixes;

/// <summary>Finds where a handler declares the bus that it was given: its field, the parameter that the field comes from, or the parameter of a lambda.</summary>
internal sealed class BusDeclarations(SyntaxNode root, SemanticModel model, CancellationToken cancellationToken)
{
    /// <returns>Each place that names the type; none where something else than a publisher is made of it, or where it is declared elsewhere.</returns>
    public List<IdentifierNameSyntax> TypesOf(ExpressionSyntax bus)
    {
        var declared = new List<ISymbol>();
        if (model.GetSymbolInfo(bus, cancellationToken).Symbol is { } symbol)
            declared.Add(symbol);
        var types = new List<IdentifierNameSyntax>();
        for (var i = 0; i < declared.Count; i++)
        {
            if (TypeOf(declared[i]) is not { } type || !OnlyPublishes(declared[i], declared))
                return [];
            types.Add(type);
        }

        return types;
    }

    private IdentifierNameSyntax? TypeOf(ISymbol symbol)
    {
        return DeclarationOf(symbol) switch
        {
            ParameterSyntax { Type: { } type } => PublisherFix.NameIn(type),
            ParameterSyntax parameter => TypeArgumentOf(parameter),
            VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax { Variables.Count: 1, Parent: FieldDeclarationSyntax } field } when symbol.DeclaredAccessibility == Accessibility.Private => PublisherFix.NameIn(field.Type),
            _ => null,
        };
    }

    // Handle<OrderPlaced, IEventBus>((order, bus, context, token) => ...): the second of both.
    private static IdentifierNameSyntax? TypeArgumentOf(ParameterSyntax parameter) =>
        parameter.Parent is ParameterListSyntax { Parent: AnonymousFunctionExpressionSyntax { Parent: ArgumentSyntax { Parent: ArgumentListSyntax { Parent: InvocationExpressionSyntax call } } } } parameters
            && parameters.Parameters.IndexOf(parameter) == 1
            && call.Expression is MemberAccessExpressionSyntax { Name: GenericNameSyntax { Identifier.ValueText: "Handle", TypeArgumentList.Arguments: { Count: 2 } arguments } }
                ? PublisherFix.NameIn(arguments[1])
                : null;

    /// <summary>Whether each use is a member of a publisher, or hands the bus to, or takes it from, another declaration of the same kind, which is then looked at too.</summary>
    private bool OnlyPublishes(ISymbol symbol, List<ISymbol> declared)
    {
        foreach (var name in root.DescendantNodes().OfType<IdentifierNameSyntax>())
        {
            if (name.Identifier.ValueText != symbol.Name || !SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name, cancellationToken).Symbol, symbol))
                continue;
            ExpressionSyntax use = name.Parent is MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax } own && own.Name == name ? own : name;
            if (!IsPublisherMember(use) && !IsHandedOn(use, declared))
                return false;
        }

        return symbol is IParameterSymbol || InitializerIsKnown(symbol, declared);
    }

    private bool IsPublisherMember(ExpressionSyntax use)
    {
        ExpressionSyntax? member = use.Parent switch
        {
            MemberAccessExpressionSyntax access when access.Expression == use => access.Name,
            ConditionalAccessExpressionSyntax { WhenNotNull: InvocationExpressionSyntax { Expression: MemberBindingExpressionSyntax binding } } access when access.Expression == use => binding.Name,
            _ => null,
        };
        return member is not null && model.GetSymbolInfo(member, cancellationToken).Symbol is IMethodSymbol { ContainingType.Name: "IEventPublisher" or "EventPublisherExtensions" };
    }

    // _bus = bus, in a constructor, from either side; or the initializer of a field.
    private bool IsHandedOn(ExpressionSyntax use, List<ISymbol> declared)
    {
        switch (use.Parent)
        {
            case AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression, Parent: ExpressionStatementSyntax or ArrowExpressionClauseSyntax } assignment:
                return Add(assignment.Left == use ? Unguarded(assignment.Right) : assignment.Left, declared);
            case BinaryExpressionSyntax { RawKind: (int)SyntaxKind.CoalesceExpression, Right: ThrowExpressionSyntax, Parent: AssignmentExpressionSyntax assignment } guarded when guarded.Left == use && assignment.Right == guarded:
                return Add(assignment.Left, declared);
            case EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax { Parent.Parent: FieldDeclarationSyntax } field }:
                return Add(model.GetDeclaredSymbol(field, cancellationToken), declared);
            case ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ThrowIfNull" } or IdentifierNameSyntax { Identifier.ValueText: "nameof" } } }:
                return true;
            default:
                return false;
        }
    }

    private bool InitializerIsKnown(ISymbol field, List<ISymbol> declared) =>
        DeclarationOf(field) is not VariableDeclaratorSyntax { Initializer.Value: { } value } || Add(value, declared);

    private SyntaxNode? DeclarationOf(ISymbol symbol) =>
        symbol.DeclaringSyntaxReferences.Length == 1 && symbol.DeclaringSyntaxReferences[0] is { } reference && reference.SyntaxTree == root.SyntaxTree ? reference.GetSyntax(cancellationToken) : null;

    private static ExpressionSyntax Unguarded(ExpressionSyntax value) =>
        value is BinaryExpressionSyntax { RawKind: (int)SyntaxKind.CoalesceExpression, Right: ThrowExpressionSyntax } guarded ? guarded.Left : value;

    private bool Add(ExpressionSyntax other, List<ISymbol> declared) => Add(model.GetSymbolInfo(other, cancellationToken).Symbol, declared);

    private static bool Add(ISymbol? symbol, List<ISymbol> declared)
    {
        if (symbol is not (IFieldSymbol or IParameterSymbol))
            return false;
        if (!declared.Contains(symbol, SymbolEqualityComparer.Default))
            declared.Add(symbol);
        return true;
    }
}
