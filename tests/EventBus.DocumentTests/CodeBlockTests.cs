using EventBus.DocumentTests.Support;

namespace EventBus.DocumentTests;

public sealed class CodeBlockTests
{
    public static TheoryData<string, int> Blocks
    {
        get
        {
            var blocks = new TheoryData<string, int>();
            foreach (var document in Repository.Documents.Select(static path => new Document(path)))
            {
                foreach (var (line, _) in document.CSharpBlocks.Where(static block => !RunCode.Contains(block.Code)))
                    blocks.Add(document.Path, line);
            }

            return blocks;
        }
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Every_code_block_compiles(string path, int line)
    {
        var code = new Document(path).CSharpBlocks.Single(block => block.Line == line).Code;

        var errors = Snippet.Errors(code);

        Assert.True(errors.Count == 0, $"{path}:{line}:\n{string.Join('\n', errors)}");
    }

    [Fact]
    public void Every_code_block_of_the_page_about_tests_is_a_test_that_runs()
    {
        var strangers = new Document("docs/testing-your-handlers.md").CSharpBlocks.Where(static block => !RunCode.Contains(block.Code)).Select(static block => $"line {block.Line}:\n{block.Code}");

        Assert.Empty(strangers);
    }

    [Theory]
    [InlineData("bus.NoSuchMethod();")]
    [InlineData("var order = new OrderPlaced();")]
    [InlineData("await Task.Yield(); bus.PublishAsync(order);")]
    [InlineData("using EventBus;\nvar order = new OrderPlaced(\"1\", \"A\", 1m);")]
    public void A_code_block_that_is_wrong_is_found(string code) => Assert.NotEmpty(Snippet.Errors(code));

    [Fact]
    public void The_first_code_of_the_readme_is_the_quick_start_sample()
    {
        var shown = new Document("README.md").CSharpBlocks.First().Code;

        Assert.Equal(Repository.Read("samples/QuickStart/Program.cs"), shown);
    }
}
