using System.Collections.Immutable;
using System.Composition;
using EventBus.Analyzers;
using EventBus.Analyzers.Registration;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EventBus.CodeFixes;

/// <summary>Names a durable subscription (EB0004) after its handler.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
internal sealed class NameDurableFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(Rules.UnnamedDurableId);

    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var diagnostic = context.Diagnostics[0];
        if (root?.FindNode(context.Span).FirstAncestorOrSelf<MemberAccessExpressionSyntax>() is not { } durable
            || !diagnostic.Properties.TryGetValue(UnnamedDurableAnalyzer.SuggestedName, out var name) || name is null)
            return;
        context.RegisterCodeFix(
            CodeAction.Create($"Name it \"{name}\"", _ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(durable, Named(durable, name)))), nameof(NameDurableFix)),
            diagnostic);
    }

    private static MemberAccessExpressionSyntax Named(MemberAccessExpressionSyntax durable, string name)
    {
        var before = durable.Expression;
        var named = SyntaxFactory.InvocationExpression(
            SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, before.WithoutTrailingTrivia(), SyntaxFactory.IdentifierName("Named")),
            SyntaxFactory.ArgumentList(SyntaxFactory.SingletonSeparatedList(SyntaxFactory.Argument(
                SyntaxFactory.LiteralExpression(SyntaxKind.StringLiteralExpression, SyntaxFactory.Literal(name))))));
        return durable.WithExpression(named.WithTrailingTrivia(before.GetTrailingTrivia()));
    }
}
