namespace EventBus.Benchmarks.Durable;

/// <summary>A folder for one contender's database, removed with it.</summary>
internal sealed class LogFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("eventbus-benchmark-");

    public string File => Path.Combine(_folder.FullName, "events.db");

    public string ConnectionString => $"Data Source={File};Pooling=False";

    public void Dispose()
    {
        try
        {
            _folder.Delete(recursive: true);
        }
        catch (IOException)
        {
            // The system clears its temporary folder.
        }
    }
}
