using System.Collections.Immutable;
using System.Composition;
using EventBus.Analyzers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EventBus.CodeFixes;

/// <summary>Has a handler take an <c>IEventPublisher</c> where it takes the bus and does nothing with it but publish (EB0011).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
internal sealed class PublisherFix : CodeFixProvider
{
    private const string Bus = "IEventBus";
    private const string Publisher = "IEventPublisher";

    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(Rules.BusInHandlerId);

    // Several publishes want the same declaration changed.
    public override FixAllProvider? GetFixAllProvider() => null;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (model is null || root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax bus)
            return;
        var names = bus is InvocationExpressionSyntax asked ? TypeArgumentOf(asked) : new BusDeclarations(root, model, context.CancellationToken).TypesOf(bus);
        if (names.Count == 0)
            return;
        context.RegisterCodeFix(
            CodeAction.Create(
                $"Take an {Publisher}",
                _ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNodes(names, static (_, name) => name.WithIdentifier(SyntaxFactory.Identifier(Publisher).WithTriviaFrom(name.Identifier))))),
                nameof(PublisherFix)),
            context.Diagnostics[0]);
    }

    /// <summary>The name in a type as it is written, if that is the bus.</summary>
    internal static IdentifierNameSyntax? NameIn(TypeSyntax? type) => type switch
    {
        NullableTypeSyntax nullable => NameIn(nullable.ElementType),
        QualifiedNameSyntax { Right: IdentifierNameSyntax name } => NameIn(name),
        AliasQualifiedNameSyntax { Name: IdentifierNameSyntax name } => NameIn(name),
        IdentifierNameSyntax { Identifier.ValueText: Bus } name => name,
        _ => null,
    };

    private static List<IdentifierNameSyntax> TypeArgumentOf(InvocationExpressionSyntax asked) =>
        asked.Expression is MemberAccessExpressionSyntax { Name: GenericNameSyntax { TypeArgumentList.Arguments: { Count: 1 } arguments } } && NameIn(arguments[0]) is { } name ? [name] : [];
}
