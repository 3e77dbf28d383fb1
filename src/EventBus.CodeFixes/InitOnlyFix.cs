using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace EventBus.CodeFixes;

/// <summary>Makes members of an event init-only, where nothing sets them after the event was made.</summary>
/// <param name="eventType">The property of the diagnostic that names the event's type.</param>
/// <typeparam name="TNode">What is replaced in the code.</typeparam>
internal abstract class InitOnlyFix<TNode>(string eventType) : CodeFixProvider
    where TNode : SyntaxNode
{
    // Several places name the same event: there is one change for all of them.
    public override FixAllProvider? GetFixAllProvider() => null;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var diagnostic = context.Diagnostics[0];
        var compilation = await context.Document.Project.GetCompilationAsync(context.CancellationToken).ConfigureAwait(false);
        if (compilation is null || !diagnostic.Properties.TryGetValue(eventType, out var id) || id is null
            || DocumentationCommentId.GetFirstSymbolForDeclarationId(id, compilation) is not INamedTypeSymbol type
            || compilation.GetTypeByMetadataName("System.Runtime.CompilerServices.IsExternalInit") is null)
            return;
        var solution = context.Document.Project.Solution;
        var nodes = new List<TNode>();
        foreach (var member in MembersOf(type))
        {
            if (NodeOf(member, context.CancellationToken) is not { } node || solution.GetDocument(node.SyntaxTree) is null
                || await Assignments.AreMadeLaterAsync(member, solution, context.CancellationToken).ConfigureAwait(false))
                return;
            nodes.Add(node);
        }

        context.RegisterCodeFix(CodeAction.Create(TitleOf(type), token => ReplaceAsync(solution, nodes, token), GetType().Name), diagnostic);
    }

    protected abstract string TitleOf(INamedTypeSymbol type);

    protected abstract IEnumerable<ISymbol> MembersOf(INamedTypeSymbol type);

    /// <summary>What is replaced in the code of the solution; nothing if the member cannot be made init-only.</summary>
    protected abstract TNode? NodeOf(ISymbol member, CancellationToken cancellationToken);

    protected abstract TNode InitOnly(TNode node);

    private async Task<Solution> ReplaceAsync(Solution solution, List<TNode> nodes, CancellationToken cancellationToken)
    {
        foreach (var tree in nodes.GroupBy(static node => node.SyntaxTree))
        {
            var document = solution.GetDocument(tree.Key)!; // Asked before the fix was offered.
            var root = await tree.Key.GetRootAsync(cancellationToken).ConfigureAwait(false);
            solution = solution.WithDocumentSyntaxRoot(document.Id, root.ReplaceNodes(tree, (_, node) => InitOnly(node)));
        }

        return solution;
    }
}
