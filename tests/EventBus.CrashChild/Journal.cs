using System.Text;

namespace EventBus.CrashChild;

/// <summary>Tells the parent what happens, when it happens. Each call is one write to a pipe, which a kill cannot tear apart and which outlives the process.</summary>
internal static class Journal
{
    private static readonly Stream s_out = Console.OpenStandardOutput();
    private static readonly Lock s_gate = new();

    public static void Write(string line) => Write([line]);

    public static void Write(IEnumerable<string> lines)
    {
        var bytes = Encoding.UTF8.GetBytes(string.Concat(lines.Select(static line => line + "\n")));
        lock (s_gate)
            s_out.Write(bytes);
    }
}
