namespace EventBus.Sqlite.Files;

/// <summary>Makes files that their owner alone may read and write: a log holds what the application's events say, whoever has an account on the machine.</summary>
/// <remarks>Where the system has such modes, and when a file is made: one that is there keeps the mode that it was given. SQLite gives its journal and its index the mode of the file.</remarks>
internal static class OwnersFile
{
    public static FileStream Open(string path, FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share, BufferSize = 1 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    /// <summary>Makes an empty file, which SQLite takes for a new database, if there is none.</summary>
    public static void Create(string path, FileMode mode) => Open(path, mode, FileShare.ReadWrite).Dispose();
}
