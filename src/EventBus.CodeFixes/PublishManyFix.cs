using System.Collections.Immutable;
using System.Composition;
using EventBus.Analyzers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EventBus.CodeFixes;

/// <summary>Publishes the elements of a collection (EB0008), where <c>PublishManyAsync</c> takes it as it is and the other arguments mean the same there.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
internal sealed class PublishManyFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(Rules.PublishedCollectionId);

    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax { Parent: ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax call } } collection || model is null)
            return;
        if (call.Expression is not MemberAccessExpressionSyntax { Name: IdentifierNameSyntax { Identifier.ValueText: "PublishAsync" } name } || !IsReadOnlyList(model.GetTypeInfo(collection, context.CancellationToken).Type))
            return;
        context.RegisterCodeFix(
            CodeAction.Create("Publish its elements with PublishManyAsync", _ => Task.FromResult(PublishingMany(context.Document, root, call, name, model)), nameof(PublishManyFix)),
            context.Diagnostics[0]);
    }

    private static Document PublishingMany(Document document, SyntaxNode root, InvocationExpressionSyntax call, IdentifierNameSyntax name, SemanticModel model)
    {
        var arguments = call.ArgumentList.Arguments;
        var renamed = arguments.Select(argument => argument.NameColon is { Name.Identifier.ValueText: "event" } colon ? argument.WithNameColon(colon.WithName(SyntaxFactory.IdentifierName("events"))) : argument);
        // PublishManyAsync has options before the token, where PublishAsync(event, token) has none.
        if (arguments.Count == 2 && arguments[1].NameColon is null && model.GetTypeInfo(arguments[1].Expression).ConvertedType is { Name: "CancellationToken" })
            renamed = new[] { renamed.First(), arguments[1].WithNameColon(SyntaxFactory.NameColon("cancellationToken").WithTrailingTrivia(SyntaxFactory.Space)) };
        var many = call.ReplaceNode(name, name.WithIdentifier(SyntaxFactory.Identifier("PublishManyAsync")));
        many = many.WithArgumentList(call.ArgumentList.WithArguments(SyntaxFactory.SeparatedList(renamed, arguments.GetSeparators())));
        return document.WithSyntaxRoot(root.ReplaceNode(call, many));
    }

    private static bool IsReadOnlyList(ITypeSymbol? type) =>
        type is IArrayTypeSymbol { Rank: 1 } || (type is INamedTypeSymbol named && named.AllInterfaces.Concat(new[] { named })
            .Any(static one => one.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IReadOnlyList_T));
}
