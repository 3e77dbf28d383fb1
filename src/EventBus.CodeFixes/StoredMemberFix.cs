using System.Collections.Immutable;
using System.Composition;
using EventBus.Analyzers;
using EventBus.Analyzers.Events;
using EventBus.Analyzers.Registration;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EventBus.CodeFixes;

/// <summary>Gives properties of a stored event an init-only setter (EB0010), where nothing sets them after the event was made.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
internal sealed class StoredMemberFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(Rules.LostStateId);

    // Several places name the same event: there is one change for all of them.
    public override FixAllProvider? GetFixAllProvider() => null;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var diagnostic = context.Diagnostics[0];
        var compilation = await context.Document.Project.GetCompilationAsync(context.CancellationToken).ConfigureAwait(false);
        if (compilation is null || !diagnostic.Properties.TryGetValue(LostStateAnalyzer.EventType, out var id) || id is null
            || DocumentationCommentId.GetFirstSymbolForDeclarationId(id, compilation) is not INamedTypeSymbol type
            || compilation.GetTypeByMetadataName("System.Runtime.CompilerServices.IsExternalInit") is null)
            return;
        var solution = context.Document.Project.Solution;
        var properties = new List<PropertyDeclarationSyntax>();
        foreach (var member in LostState.MembersOf(type))
        {
            if (DeclarationOf(member, context.CancellationToken) is not { } declaration || solution.GetDocument(declaration.SyntaxTree) is null
                || await Assignments.AreMadeLaterAsync(member, solution, context.CancellationToken).ConfigureAwait(false))
                return;
            properties.Add(declaration);
        }

        context.RegisterCodeFix(CodeAction.Create($"Give the properties of '{type.Name}' init-only setters", token => InitOnlyAsync(solution, properties, token), nameof(StoredMemberFix)), diagnostic);
    }

    private static PropertyDeclarationSyntax? DeclarationOf(ISymbol member, CancellationToken cancellationToken) =>
        member is IPropertySymbol { IsOverride: false, IsVirtual: false } property
            && property.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellationToken) is PropertyDeclarationSyntax { AccessorList: not null } declaration
                ? declaration
                : null;

    private static async Task<Solution> InitOnlyAsync(Solution solution, List<PropertyDeclarationSyntax> properties, CancellationToken cancellationToken)
    {
        foreach (var tree in properties.GroupBy(static property => property.SyntaxTree))
        {
            var document = solution.GetDocument(tree.Key)!; // Asked before the fix was offered.
            var root = await tree.Key.GetRootAsync(cancellationToken).ConfigureAwait(false);
            root = root.ReplaceNodes(tree.Select(static property => property.AccessorList!), static (_, accessors) => WithInit(accessors)); // There is one: see DeclarationOf.
            solution = solution.WithDocumentSyntaxRoot(document.Id, root);
        }

        return solution;
    }

    private static AccessorListSyntax WithInit(AccessorListSyntax accessors)
    {
        if (accessors.Accessors.FirstOrDefault(static accessor => accessor.IsKind(SyntaxKind.SetAccessorDeclaration) || accessor.IsKind(SyntaxKind.InitAccessorDeclaration)) is not { } setter)
        {
            var init = SyntaxFactory.AccessorDeclaration(SyntaxKind.InitAccessorDeclaration).WithSemicolonToken(SyntaxFactory.Token(SyntaxKind.SemicolonToken));
            return accessors.AddAccessors(init.WithTrailingTrivia(SyntaxFactory.Space));
        }

        return accessors.ReplaceNode(setter, SyntaxFactory.AccessorDeclaration(
            SyntaxKind.InitAccessorDeclaration,
            setter.AttributeLists,
            default,
            SyntaxFactory.Token(SyntaxKind.InitKeyword).WithLeadingTrivia(setter.GetLeadingTrivia()).WithTrailingTrivia(setter.Keyword.TrailingTrivia),
            setter.Body,
            setter.ExpressionBody,
            setter.SemicolonToken));
    }
}
