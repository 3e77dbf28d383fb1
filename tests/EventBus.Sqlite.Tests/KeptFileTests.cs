using EventBus.Sqlite.Opening;
using EventBus.Sqlite.Tests.Support;
using EventBus.Storage;

namespace EventBus.Sqlite.Tests;

/// <summary>A file of every schema that was released still opens, and holds what it held.</summary>
public sealed class KeptFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<int> Versions => [.. Enumerable.Range(1, Schema.Steps.Count)];

    public void Dispose() => _folder.Dispose();

    [Fact(Explicit = true)]
    public void Write_the_file_of_this_schema()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("eventbus-kept-").FullName, $"schema-{Schema.Steps.Count}.db");
        KeptContents.Write(path);
        TestContext.Current.SendDiagnosticMessage(path);
        Console.WriteLine(path);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void A_file_of_each_schema_opens_and_holds_what_it_held(int version)
    {
        using var log = Open(version);

        KeptContents.Check(log, version);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void A_file_of_each_schema_can_be_written_on(int version)
    {
        using var log = Open(version);
        var head = log.ReadStatistics().Head;

        using (var transaction = log.Begin())
        {
            Assert.True(transaction.Append(Facts.Event("new"), null).Sequence > head);
            Assert.True(transaction.AddDeadLetter(Facts.Letter("new", "stock")) > 2);
            transaction.SavePosition("stock", head + 1);
            transaction.Commit();
        }

        Assert.Empty(log.CheckIntegrity());
        Assert.Equal(head + 1, log.ReadStatistics().Head);
    }

    [Fact]
    public void A_released_step_was_not_changed()
    {
        var kept = Copy(Schema.Steps.Count);
        var made = _folder.File("made.db");
        KeptContents.Write(made);

        Assert.Equal(SchemaOf(made), SchemaOf(kept));
    }

    private static List<string> SchemaOf(string path)
    {
        using var connection = OpenFile.Connect(path);
        return connection.Texts("SELECT type || ' ' || name || ' ' || ifnull(sql, '') FROM sqlite_schema ORDER BY type, name");
    }

    private SqliteEventLog Open(int version)
    {
        var log = new SqliteEventLog($"Data Source={Copy(version)}");
        Assert.Equal(new LogOpening(4, WasClosed: true), log.Open());
        return log;
    }

    private string Copy(int version)
    {
        var path = _folder.File($"schema-{version}.db");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "KeptFiles", $"schema-{version}.db"), path);
        return path;
    }
}
