using System.Text.RegularExpressions;

namespace EventBus.DocumentTests.Support;

/// <summary>A Markdown file: its code blocks, its links, its headings.</summary>
internal sealed partial class Document(string path)
{
    private readonly string[] _lines = Repository.Read(path).Split('\n');

    public string Path => path;

    /// <summary>The C# blocks, each with the line on which its code begins.</summary>
    public IEnumerable<(int Line, string Code)> CSharpBlocks
    {
        get
        {
            for (var i = 0; i < _lines.Length; i++)
            {
                if (!_lines[i].StartsWith("```csharp", StringComparison.Ordinal))
                    continue;
                var end = Array.IndexOf(_lines, "```", i + 1);
                if (end < 0)
                    throw new InvalidDataException($"{path}:{i + 1}: this code block has no end.");
                yield return (i + 2, string.Join('\n', _lines[(i + 1)..end]) + "\n");
                i = end;
            }
        }
    }

    /// <summary>The targets of the links that lead to something in the repository.</summary>
    public IEnumerable<(int Line, string Target)> RelativeLinks =>
        Prose.SelectMany(static line => Link().Matches(line.Text).Select(match => (line.Number, match.Groups["target"].Value)))
            .Where(static link => !link.Value.Contains("://", StringComparison.Ordinal) && !link.Value.StartsWith("mailto:", StringComparison.Ordinal));

    /// <summary>What a link may name after '#'.</summary>
    public IEnumerable<string> Anchors =>
        Prose.Where(static line => line.Text.StartsWith('#'))
            .Select(static line => NotInAnchors().Replace(line.Text.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    private IEnumerable<(int Number, string Text)> Prose
    {
        get
        {
            var isCode = false;
            for (var i = 0; i < _lines.Length; i++)
            {
                if (_lines[i].StartsWith("```", StringComparison.Ordinal))
                    isCode = !isCode;
                else if (!isCode)
                    yield return (i + 1, _lines[i]);
            }
        }
    }

    [GeneratedRegex(@"\[[^\]]*\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInAnchors();
}
