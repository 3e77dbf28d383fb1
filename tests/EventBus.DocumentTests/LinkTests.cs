using EventBus.DocumentTests.Support;

namespace EventBus.DocumentTests;

public sealed class LinkTests
{
    public static TheoryData<string> Documents => [.. Repository.Documents];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_link_leads_to_a_file_and_a_heading_that_exist(string path)
    {
        var broken = new Document(path).RelativeLinks.Where(link => !Exists(path, link.Target)).Select(static link => $"line {link.Line}: {link.Target}");

        Assert.Empty(broken);
    }

    [Fact]
    public void The_index_names_every_page()
    {
        var named = new Document("docs/README.md").RelativeLinks.Select(static link => $"docs/{link.Target}").ToHashSet();

        var pages = Repository.Documents.Where(static path => path.StartsWith("docs/", StringComparison.Ordinal) && path != "docs/README.md");

        Assert.Empty(pages.Except(named));
    }

    private static bool Exists(string from, string target)
    {
        var parts = target.Split('#', 2);
        var file = parts[0].Length == 0 ? Path.Combine(Repository.Root, from) : Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(from)!, parts[0]));
        if (parts.Length == 1)
            return File.Exists(file) || Directory.Exists(file);
        return File.Exists(file) && new Document(Path.GetRelativePath(Repository.Root, file)).Anchors.Contains(parts[1]);
    }
}
