using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace EventBus.CodeFixes;

/// <summary>Makes a function async, where that changes nothing but that it can await: it has a body, and returns tasks that are completed already.</summary>
internal static class BecomingAsync
{
    /// <summary>Whether the function can become async without another meaning.</summary>
    public static bool IsPossible(SyntaxNode function, SemanticModel model, CancellationToken cancellationToken) =>
        BodyOf(function) is { } body
        && ReturnOf(function, model, cancellationToken) is INamedTypeSymbol { IsGenericType: false, Name: "ValueTask" or "Task" }
        && ReturnsIn(body) is { Count: > 0 } returns && returns.All(static one => IsCompleted(one.Expression))
        && !body.DescendantNodes().OfType<YieldStatementSyntax>().Any();

    /// <summary>The function with <c>async</c>, plain returns, and one expression put in place of another.</summary>
    public static SyntaxNode Made(SyntaxNode function, ExpressionSyntax replaced, ExpressionSyntax replacement)
    {
        var returns = ReturnsIn(BodyOf(function)!); // Asked before the fix was offered.
        var made = function.ReplaceNodes(returns.Cast<SyntaxNode>().Append(replaced), (node, _) => node is ReturnStatementSyntax one ? Plain(one) : replacement);
        var body = BodyOf(made)!;
        if (body.Statements.Last() is ReturnStatementSyntax { Expression: null } last && !last.GetLeadingTrivia().Any(static trivia => trivia.IsKind(SyntaxKind.SingleLineCommentTrivia) || trivia.IsKind(SyntaxKind.MultiLineCommentTrivia)))
            made = made.ReplaceNode(body, body.WithStatements(body.Statements.RemoveAt(body.Statements.Count - 1)));
        return WithAsync(made).WithAdditionalAnnotations(Formatter.Annotation);
    }

    private static ReturnStatementSyntax Plain(ReturnStatementSyntax statement) =>
        statement.WithReturnKeyword(statement.ReturnKeyword.WithTrailingTrivia()).WithExpression(null);

    private static SyntaxNode WithAsync(SyntaxNode function)
    {
        var leading = function.GetLeadingTrivia();
        var keyword = SyntaxFactory.Token(SyntaxKind.AsyncKeyword).WithTrailingTrivia(SyntaxFactory.Space);
        var bare = function.WithoutLeadingTrivia();
        SyntaxNode made = bare switch
        {
            MethodDeclarationSyntax method => method.WithModifiers(method.Modifiers.Add(keyword)),
            LocalFunctionStatementSyntax local => local.WithModifiers(local.Modifiers.Add(keyword)),
            AnonymousFunctionExpressionSyntax lambda => lambda.WithModifiers(lambda.Modifiers.Add(keyword)),
            _ => bare,
        };
        return made.WithLeadingTrivia(leading);
    }

    private static BlockSyntax? BodyOf(SyntaxNode function) => function switch
    {
        MethodDeclarationSyntax method => method.Body,
        LocalFunctionStatementSyntax local => local.Body,
        AnonymousFunctionExpressionSyntax lambda => lambda.Block,
        _ => null,
    };

    private static ITypeSymbol? ReturnOf(SyntaxNode function, SemanticModel model, CancellationToken cancellationToken) =>
        (function is AnonymousFunctionExpressionSyntax ? model.GetSymbolInfo(function, cancellationToken).Symbol : model.GetDeclaredSymbol(function, cancellationToken)) is IMethodSymbol method
            && method.Parameters.All(static parameter => parameter.RefKind == RefKind.None) ? method.ReturnType : null;

    private static List<ReturnStatementSyntax> ReturnsIn(BlockSyntax body) =>
        [.. body.DescendantNodes(static node => node is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax)).OfType<ReturnStatementSyntax>()];

    private static bool IsCompleted(ExpressionSyntax? returned) => returned switch
    {
        LiteralExpressionSyntax literal => literal.IsKind(SyntaxKind.DefaultLiteralExpression),
        DefaultExpressionSyntax => true,
        MemberAccessExpressionSyntax { Name.Identifier.ValueText: "CompletedTask" } => true,
        _ => false,
    };
}
