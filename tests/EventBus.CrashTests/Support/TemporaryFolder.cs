namespace EventBus.CrashTests.Support;

/// <summary>A folder of one test's own, deleted with all that is in it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("eventbus-crash-").FullName;

    public string File(string name = "events.db") => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
