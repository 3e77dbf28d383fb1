using System.Collections.Immutable;
using System.Composition;
using EventBus.Analyzers;
using EventBus.Analyzers.Events;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EventBus.CodeFixes;

/// <summary>Makes the setters of an event init-only (EB0005), where nothing sets them after the event was made.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
internal sealed class InitSetterFix() : InitOnlyFix<AccessorDeclarationSyntax>(ChangeableEventAnalyzer.EventType)
{
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(Rules.ChangeableEventId);

    protected override string TitleOf(INamedTypeSymbol type) => $"Make the setters of '{type.Name}' init-only";

    protected override IEnumerable<ISymbol> MembersOf(INamedTypeSymbol type) => Changeable.MembersOf(type);

    /// <summary>The setter in the code of the solution, if nothing but this property decides what it is.</summary>
    protected override AccessorDeclarationSyntax? NodeOf(ISymbol member, CancellationToken cancellationToken) =>
        member is IPropertySymbol { IsOverride: false, IsVirtual: false, IsAbstract: false } property && !Implements(property)
            ? property.SetMethod?.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellationToken) as AccessorDeclarationSyntax
            : null;

    protected override AccessorDeclarationSyntax InitOnly(AccessorDeclarationSyntax node) => SyntaxFactory.AccessorDeclaration(
        SyntaxKind.InitAccessorDeclaration,
        node.AttributeLists,
        node.Modifiers,
        SyntaxFactory.Token(SyntaxKind.InitKeyword).WithTriviaFrom(node.Keyword),
        node.Body,
        node.ExpressionBody,
        node.SemicolonToken);

    private static bool Implements(IPropertySymbol property) => property.ContainingType.AllInterfaces.SelectMany(static one => one.GetMembers().OfType<IPropertySymbol>())
        .Any(declared => SymbolEqualityComparer.Default.Equals(property.ContainingType.FindImplementationForInterfaceMember(declared), property));
}
