using System.Collections.Immutable;
using System.Composition;
using EventBus.Analyzers;
using EventBus.Analyzers.Events;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EventBus.CodeFixes;

/// <summary>Makes the setters of an event init-only (EB0005), where nothing sets them after the event was made.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
internal sealed class InitSetterFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(Rules.ChangeableEventId);

    // Several places name the same event: there is one change for all of them.
    public override FixAllProvider? GetFixAllProvider() => null;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var diagnostic = context.Diagnostics[0];
        var compilation = await context.Document.Project.GetCompilationAsync(context.CancellationToken).ConfigureAwait(false);
        if (compilation is null || !diagnostic.Properties.TryGetValue(ChangeableEventAnalyzer.EventType, out var id) || id is null
            || DocumentationCommentId.GetFirstSymbolForDeclarationId(id, compilation) is not INamedTypeSymbol type
            || compilation.GetTypeByMetadataName("System.Runtime.CompilerServices.IsExternalInit") is null)
            return;
        var solution = context.Document.Project.Solution;
        var setters = new List<AccessorDeclarationSyntax>();
        foreach (var member in Changeable.MembersOf(type))
        {
            if (SetterOf(member, context.CancellationToken) is not { } setter || solution.GetDocument(setter.SyntaxTree) is null
                || await Assignments.AreMadeLaterAsync(member, solution, context.CancellationToken).ConfigureAwait(false))
                return;
            setters.Add(setter);
        }

        context.RegisterCodeFix(CodeAction.Create($"Make the setters of '{type.Name}' init-only", token => InitOnlyAsync(solution, setters, token), nameof(InitSetterFix)), diagnostic);
    }

    /// <summary>The setter in the code of the solution, if nothing but this property decides what it is.</summary>
    private static AccessorDeclarationSyntax? SetterOf(ISymbol member, CancellationToken cancellationToken) =>
        member is IPropertySymbol { IsOverride: false, IsVirtual: false, IsAbstract: false } property && !Implements(property)
            ? property.SetMethod?.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellationToken) as AccessorDeclarationSyntax
            : null;

    private static bool Implements(IPropertySymbol property) => property.ContainingType.AllInterfaces.SelectMany(static one => one.GetMembers().OfType<IPropertySymbol>())
        .Any(declared => SymbolEqualityComparer.Default.Equals(property.ContainingType.FindImplementationForInterfaceMember(declared), property));

    private static async Task<Solution> InitOnlyAsync(Solution solution, List<AccessorDeclarationSyntax> setters, CancellationToken cancellationToken)
    {
        foreach (var tree in setters.GroupBy(static setter => setter.SyntaxTree))
        {
            var document = solution.GetDocument(tree.Key)!; // Asked before the fix was offered.
            var root = await tree.Key.GetRootAsync(cancellationToken).ConfigureAwait(false);
            root = root.ReplaceNodes(tree, static (_, setter) => SyntaxFactory.AccessorDeclaration(
                SyntaxKind.InitAccessorDeclaration,
                setter.AttributeLists,
                setter.Modifiers,
                SyntaxFactory.Token(SyntaxKind.InitKeyword).WithTriviaFrom(setter.Keyword),
                setter.Body,
                setter.ExpressionBody,
                setter.SemicolonToken));
            solution = solution.WithDocumentSyntaxRoot(document.Id, root);
        }

        return solution;
    }
}
