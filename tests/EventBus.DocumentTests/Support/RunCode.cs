namespace EventBus.DocumentTests.Support;

/// <summary>The tests of this repository that a document shows word for word: they are compiled and run where they stand.</summary>
internal static class RunCode
{
    private const string Folder = "tests/EventBus.Testing.Tests/Guide";

    private static readonly string[] s_files =
    [
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, Folder), "*.cs").Select(static path => Unindented(Repository.Read(Path.GetRelativePath(Repository.Root, path)))),
    ];

    /// <summary>Whether a code block stands in one of those files, but for its indentation.</summary>
    public static bool Contains(string code) => s_files.Any(file => file.Contains(Unindented(code), StringComparison.Ordinal));

    private static string Unindented(string code) => string.Concat(code.Split('\n').Select(static line => $"{line.Trim()}\n")).Trim('\n') + "\n";
}
