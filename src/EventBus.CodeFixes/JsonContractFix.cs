using System.Collections.Immutable;
using System.Composition;
using EventBus.Analyzers;
using EventBus.Analyzers.Registration;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Simplification;

namespace EventBus.CodeFixes;

/// <summary>Adds an event to the JSON context that does not know it (EB0006).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
internal sealed class JsonContractFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(Rules.UnknownToJsonId);

    // Several places may want the same event, and all want the same class changed.
    public override FixAllProvider? GetFixAllProvider() => null;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var diagnostic = context.Diagnostics[0];
        var compilation = await context.Document.Project.GetCompilationAsync(context.CancellationToken).ConfigureAwait(false);
        if (compilation is null || diagnostic.Properties[UnknownToJsonAnalyzer.Context] is not { } id || diagnostic.Properties[UnknownToJsonAnalyzer.EventType] is not { } @event
            || DocumentationCommentId.GetFirstSymbolForDeclarationId(id, compilation) is not INamedTypeSymbol type
            || DeclarationOf(type, context.CancellationToken) is not { } declaration || context.Document.Project.Solution.GetDocument(declaration.SyntaxTree) is not { } document)
            return;
        context.RegisterCodeFix(CodeAction.Create($"Add it to '{type.Name}'", token => WithContractAsync(document, declaration, @event, token), nameof(JsonContractFix)), diagnostic);
    }

    // One part of the class is the application's own; the generator writes others.
    private static ClassDeclarationSyntax? DeclarationOf(INamedTypeSymbol type, CancellationToken cancellationToken) =>
        type.DeclaringSyntaxReferences.Select(reference => reference.GetSyntax(cancellationToken)).OfType<ClassDeclarationSyntax>().FirstOrDefault(static part => part.AttributeLists.Any(Declares));

    private static bool Declares(AttributeListSyntax attributes) => attributes.Attributes.Any(static attribute => attribute.Name.ToString().Contains("JsonSerializable"));

    private static async Task<Document> WithContractAsync(Document document, ClassDeclarationSyntax declaration, string @event, CancellationToken cancellationToken)
    {
        var root = await declaration.SyntaxTree.GetRootAsync(cancellationToken).ConfigureAwait(false);
        var last = declaration.AttributeLists.Last(Declares);
        var named = last.Attributes.First(static attribute => attribute.Name.ToString().Contains("JsonSerializable"));
        var type = SyntaxFactory.ParseTypeName(@event).WithAdditionalAnnotations(Simplifier.Annotation);
        var contract = SyntaxFactory.AttributeList(SyntaxFactory.SingletonSeparatedList(SyntaxFactory.Attribute(
                named.Name,
                SyntaxFactory.AttributeArgumentList(SyntaxFactory.SingletonSeparatedList(SyntaxFactory.AttributeArgument(SyntaxFactory.TypeOfExpression(type)))))))
            .WithTrailingTrivia(last.GetTrailingTrivia())
            .WithAdditionalAnnotations(Formatter.Annotation);
        return document.WithSyntaxRoot(root.InsertNodesAfter(last, new[] { contract }));
    }
}
