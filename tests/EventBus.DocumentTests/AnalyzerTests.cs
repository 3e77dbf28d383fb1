using System.Text.RegularExpressions;
using EventBus.Analyzers;
using EventBus.DocumentTests.Support;
using Microsoft.CodeAnalysis;

namespace EventBus.DocumentTests;

public sealed partial class AnalyzerTests
{
    public static TheoryData<string, int> Blocks => CodeBlockTests.Blocks;

    public static TheoryData<string> RuleIds => [.. Descriptors.Select(static rule => rule.Id)];

    private static IEnumerable<DiagnosticDescriptor> Descriptors => typeof(Rules).GetFields().Select(static declared => declared.GetValue(null)).OfType<DiagnosticDescriptor>();

    [Theory]
    [MemberData(nameof(Blocks))]
    public async Task The_analyzers_find_what_the_code_block_says_and_nothing_else(string path, int line)
    {
        var code = new Document(path).CSharpBlocks.Single(block => block.Line == line).Code;

        var found = await Snippet.FindingsAsync(code);

        Assert.Equal(Said(code).Order(), found.Order());
    }

    [Theory]
    [MemberData(nameof(RuleIds))]
    public void Every_rule_has_a_page_that_shows_what_is_wrong_and_what_is_right(string id)
    {
        var rule = Descriptors.Single(rule => rule.Id == id);
        var page = $"docs/analyzers/{id}.md";

        var blocks = new Document(page).CSharpBlocks.Select(block => Said(block.Code).Select(static said => said.Rule).ToArray()).ToArray();

        Assert.EndsWith(page, rule.HelpLinkUri, StringComparison.Ordinal);
        Assert.StartsWith($"# {id}: {rule.Title}\n", Repository.Read(page), StringComparison.OrdinalIgnoreCase);
        Assert.Contains(blocks, rules => rules.Contains(id));
        Assert.Contains(blocks, static rules => rules.Length == 0);
    }

    /// <summary>What a code block says of itself: the rule in a comment at the end of a line.</summary>
    private static IEnumerable<(string Line, string Rule)> Said(string code) =>
        code.Split('\n').Select(static line => (Line: line.Trim(), Mark: Mark().Match(line))).Where(static line => line.Mark.Success).Select(static line => (line.Line, line.Mark.Groups["rule"].Value));

    [GeneratedRegex(@"// (?<rule>EB\d{4})$")]
    private static partial Regex Mark();
}
