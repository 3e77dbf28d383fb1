using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FindSymbols;

namespace EventBus.CodeFixes;

/// <summary>Finds where a property is set.</summary>
internal static class Assignments
{
    /// <summary>Whether anything sets it where only a setter that is not init-only can be called.</summary>
    public static async Task<bool> AreMadeLaterAsync(ISymbol property, Solution solution, CancellationToken cancellationToken)
    {
        var references = await SymbolFinder.FindReferencesAsync(property, solution, cancellationToken).ConfigureAwait(false);
        foreach (var reference in references.SelectMany(static found => found.Locations))
        {
            var root = await reference.Document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
            if (root?.FindNode(reference.Location.SourceSpan, getInnermostNodeForTie: true) is { } node && IsSetLater(node, property.ContainingType))
                return true;
        }

        return false;
    }

    private static bool IsSetLater(SyntaxNode name, INamedTypeSymbol type)
    {
        var target = name.Parent switch
        {
            MemberAccessExpressionSyntax access when access.Name == name => access,
            MemberBindingExpressionSyntax binding => binding,
            _ => name,
        };
        return target.Parent switch
        {
            AssignmentExpressionSyntax assignment when assignment.Left == target => !IsInitializer(assignment) && !IsInConstructor(target, type),
            PrefixUnaryExpressionSyntax or PostfixUnaryExpressionSyntax => target.Parent.Kind() is SyntaxKind.PreIncrementExpression or SyntaxKind.PreDecrementExpression
                or SyntaxKind.PostIncrementExpression or SyntaxKind.PostDecrementExpression,
            ArgumentSyntax argument => argument.Parent is TupleExpressionSyntax { Parent: AssignmentExpressionSyntax { Left: var left } } && left == argument.Parent,
            _ => false,
        };
    }

    // Of the object that is being made, and not of one that it has: new Order { Buyer = { Name = "" } }.
    private static bool IsInitializer(AssignmentExpressionSyntax assignment) =>
        assignment.IsKind(SyntaxKind.SimpleAssignmentExpression) && assignment.Parent is InitializerExpressionSyntax { Parent: BaseObjectCreationExpressionSyntax or WithExpressionSyntax };

    private static bool IsInConstructor(SyntaxNode target, INamedTypeSymbol type) =>
        target is IdentifierNameSyntax or MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax }
        && target.FirstAncestorOrSelf<SyntaxNode>(static node => node is MemberDeclarationSyntax or AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax) is ConstructorDeclarationSyntax constructor
        && constructor.Identifier.ValueText == type.Name;
}
