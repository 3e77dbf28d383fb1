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

/// <summary>Awaits a publish that nobody awaits (EB0002), or a task before it is published (EB0007), where the function around it is async.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
internal sealed class AwaitFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(Rules.UnawaitedPublishId, Rules.PublishedTaskId);

    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax found)
            return;
        var diagnostic = context.Diagnostics[0];
        var replaced = diagnostic.Id == Rules.UnawaitedPublishId ? Dropped(found) : found;
        if (replaced is null || !CanAwait(replaced) || (diagnostic.Id == Rules.PublishedTaskId && !await HasResultAsync(context.Document, found, context.CancellationToken).ConfigureAwait(false)))
            return;
        var awaited = diagnostic.Id == Rules.UnawaitedPublishId ? found : replaced;
        context.RegisterCodeFix(CodeAction.Create("Await it", _ => Task.FromResult(Awaiting(context.Document, root, replaced, awaited)), nameof(AwaitFix)), diagnostic);
    }

    private static Document Awaiting(Document document, SyntaxNode root, ExpressionSyntax replaced, ExpressionSyntax awaited)
    {
        var await = SyntaxFactory.AwaitExpression(SyntaxFactory.Token(SyntaxKind.AwaitKeyword).WithTrailingTrivia(SyntaxFactory.Space), awaited.WithoutTrivia())
            .WithTriviaFrom(replaced)
            .WithAdditionalAnnotations(Formatter.Annotation);
        return document.WithSyntaxRoot(root.ReplaceNode(replaced, await));
    }

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

    private static async Task<bool> HasResultAsync(Document document, ExpressionSyntax task, CancellationToken cancellationToken)
    {
        var model = await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false);
        return model?.GetTypeInfo(task, cancellationToken).Type is INamedTypeSymbol { IsGenericType: true, Name: "Task" or "ValueTask" };
    }

    private static bool CanAwait(SyntaxNode node)
    {
        foreach (var around in node.Ancestors())
        {
            switch (around)
            {
                case LockStatementSyntax or CatchFilterClauseSyntax or QueryExpressionSyntax or UnsafeStatementSyntax:
                    return false;
                case AnonymousFunctionExpressionSyntax lambda:
                    return lambda.AsyncKeyword.IsKind(SyntaxKind.AsyncKeyword);
                case LocalFunctionStatementSyntax local:
                    return local.Modifiers.Any(SyntaxKind.AsyncKeyword);
                case MethodDeclarationSyntax method:
                    return method.Modifiers.Any(SyntaxKind.AsyncKeyword);
                case GlobalStatementSyntax:
                    return true;
                case MemberDeclarationSyntax or AccessorDeclarationSyntax:
                    return false;
            }
        }

        return false;
    }
}
