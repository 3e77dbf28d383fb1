using System.Collections.Immutable;
using System.Composition;
using EventBus.Analyzers;
using EventBus.Analyzers.Events;
using EventBus.Analyzers.Registration;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EventBus.CodeFixes;

/// <summary>Gives properties of a stored event an init-only setter (EB0010), where nothing sets them after the event was made.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
internal sealed class StoredMemberFix() : InitOnlyFix<AccessorListSyntax>(LostStateAnalyzer.EventType)
{
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(Rules.LostStateId);

    protected override string TitleOf(INamedTypeSymbol type) => $"Give the properties of '{type.Name}' init-only setters";

    protected override IEnumerable<ISymbol> MembersOf(INamedTypeSymbol type) => LostState.MembersOf(type);

    protected override AccessorListSyntax? NodeOf(ISymbol member, CancellationToken cancellationToken) =>
        member is IPropertySymbol { IsOverride: false, IsVirtual: false } property
            ? (property.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellationToken) as PropertyDeclarationSyntax)?.AccessorList
            : null;

    protected override AccessorListSyntax InitOnly(AccessorListSyntax node)
    {
        if (node.Accessors.FirstOrDefault(static accessor => accessor.IsKind(SyntaxKind.SetAccessorDeclaration) || accessor.IsKind(SyntaxKind.InitAccessorDeclaration)) is not { } setter)
        {
            var init = SyntaxFactory.AccessorDeclaration(SyntaxKind.InitAccessorDeclaration).WithSemicolonToken(SyntaxFactory.Token(SyntaxKind.SemicolonToken));
            return node.AddAccessors(init.WithTrailingTrivia(SyntaxFactory.Space));
        }

        return node.ReplaceNode(setter, SyntaxFactory.AccessorDeclaration(
            SyntaxKind.InitAccessorDeclaration,
            setter.AttributeLists,
            default,
            SyntaxFactory.Token(SyntaxKind.InitKeyword).WithLeadingTrivia(setter.GetLeadingTrivia()).WithTrailingTrivia(setter.Keyword.TrailingTrivia),
            setter.Body,
            setter.ExpressionBody,
            setter.SemicolonToken));
    }
}
