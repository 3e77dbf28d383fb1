using System.Text;

namespace EventBus.Observing;

/// <summary>Lines in the form of a tree.</summary>
internal sealed class TextTree(string line)
{
    // A conversation may be a chain of thousands: its text is not to grow with the square of that.
    private const int DeepestIndent = 40;

    private readonly List<TextTree> _branches = [];
    private readonly List<string> _details = [];

    public TextTree Add(string branch)
    {
        var added = new TextTree(branch);
        _branches.Add(added);
        return added;
    }

    /// <summary>Adds a line that belongs to this one and is no branch.</summary>
    public void AddDetail(string detail) => _details.Add(detail);

    public static string Of(IEnumerable<TextTree> roots)
    {
        var text = new StringBuilder();
        // Not by recursion: a chain may be deeper than a stack.
        var left = new Stack<(TextTree Tree, string First, string Below, int Depth)>();
        foreach (var root in roots.Reverse())
            left.Push((root, "", "", 0));
        while (left.TryPop(out var next))
        {
            var (tree, first, below, depth) = next;
            tree.Write(text, first, below);
            for (var i = tree._branches.Count - 1; i >= 0; i--)
            {
                var isLast = i == tree._branches.Count - 1;
                left.Push(depth < DeepestIndent
                    ? (tree._branches[i], below + (isLast ? "└─ " : "├─ "), below + (isLast ? "   " : "│  "), depth + 1)
                    : (tree._branches[i], first, below, depth));
            }
        }

        return text.ToString().TrimEnd();
    }

    private void Write(StringBuilder text, string first, string below)
    {
        text.Append(first).AppendLine(line);
        foreach (var detail in _details)
            text.Append(below).Append("   ").AppendLine(detail);
    }
}
