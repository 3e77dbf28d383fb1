using System.Collections.Immutable;
using System.Composition;
using EventBus.Analyzers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace EventBus.CodeFixes;

/// <summary>Awaits a publish that nobody awaits (EB0002, EB0012), or a task before it is published (EB0007), where the function around it is async or can become it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
internal sealed class AwaitFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(Rules.UnawaitedPublishId, Rules.DroppedPublishId, Rules.PublishedTaskId);

    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (model is null || root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax found)
            return;
        var diagnostic = context.Diagnostics[0];
        var replaced = diagnostic.Id != Rules.PublishedTaskId ? Dropped(found) : HasResult(found, model, context.CancellationToken) ? found : null;
        if (replaced is null || FunctionAround(replaced) is not { } function)
            return;
        var awaiting = Awaiting(found, replaced);
        if (IsAsync(function))
            Offer(_ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(replaced, awaiting))));
        else if (BecomingAsync.IsPossible(function, model, context.CancellationToken))
            Offer(_ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(function, BecomingAsync.Made(function, replaced, awaiting)))));

        void Offer(Func<CancellationToken, Task<Document>> change) => context.RegisterCodeFix(CodeAction.Create("Await it", change, nameof(AwaitFix)), diagnostic);
    }

    private static AwaitExpressionSyntax Awaiting(ExpressionSyntax awaited, ExpressionSyntax replaced) =>
        SyntaxFactory.AwaitExpression(SyntaxFactory.Token(SyntaxKind.AwaitKeyword).WithTrailingTrivia(SyntaxFactory.Space), Operand(awaited.WithoutTrivia()))
            .WithTriviaFrom(replaced)
            .WithAdditionalAnnotations(Formatter.Annotation);

    // An await binds more tightly than any operator between two operands.
    private static ExpressionSyntax Operand(ExpressionSyntax awaited) =>
        awaited is BinaryExpressionSyntax or ConditionalExpressionSyntax or AssignmentExpressionSyntax or SwitchExpressionSyntax ? SyntaxFactory.ParenthesizedExpression(awaited) : awaited;

    /// <summary>All of the statement: without the discard, and without what only turned it into a task.</summary>
    private static ExpressionSyntax? Dropped(ExpressionSyntax publish)
    {
        var whole = publish;
        while (whole.Parent is MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax call } access && access.Expression == whole)
            whole = call;
        while (whole.Parent is ParenthesizedExpressionSyntax parenthesized)
            whole = parenthesized;
        if (whole.Parent is AssignmentExpressionSyntax { Left: IdentifierNameSyntax { Identifier.ValueText: "_" } } discard && discard.Right == whole)
            whole = discard;
        return whole.Parent is ExpressionStatementSyntax ? whole : null;
    }

    private static bool HasResult(ExpressionSyntax task, SemanticModel model, CancellationToken cancellationToken) =>
        model.GetTypeInfo(task, cancellationToken).Type is INamedTypeSymbol { IsGenericType: true, Name: "Task" or "ValueTask" };

    /// <summary>The function that the code stands in, if an <c>await</c> may stand there too.</summary>
    private static SyntaxNode? FunctionAround(SyntaxNode node)
    {
        foreach (var around in node.Ancestors())
        {
            switch (around)
            {
                case LockStatementSyntax or CatchFilterClauseSyntax or QueryExpressionSyntax or UnsafeStatementSyntax:
                    return null;
                case AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or MethodDeclarationSyntax or GlobalStatementSyntax:
                    return around;
                case MemberDeclarationSyntax or AccessorDeclarationSyntax:
                    return null;
            }
        }

        return null;
    }

    private static bool IsAsync(SyntaxNode function) => function switch
    {
        AnonymousFunctionExpressionSyntax lambda => lambda.AsyncKeyword.IsKind(SyntaxKind.AsyncKeyword),
        LocalFunctionStatementSyntax local => local.Modifiers.Any(SyntaxKind.AsyncKeyword),
        MethodDeclarationSyntax method => method.Modifiers.Any(SyntaxKind.AsyncKeyword),
        _ => true,
    };
}
