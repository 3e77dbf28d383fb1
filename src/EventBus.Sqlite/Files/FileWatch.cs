using System.Runtime.InteropServices;
using EventBus.Sqlite.Statements;
using SQLitePCL;

namespace EventBus.Sqlite.Files;

/// <summary>Notices that what is open is not what stands under the log's path any more: a system that lets open files be deleted and replaced lets a program write into them
/// for ever, and nothing of that is found again.</summary>
/// <remarks>Asked after each commit, before anybody hears of it. It costs a few looks at a folder, some microseconds.</remarks>
internal sealed class FileWatch
{
    // https://www.sqlite.org/c3ref/c_fcntl_begin_atomic_write.html
    private const int HasMoved = 20;

    private static readonly byte[] s_main = "main\0"u8.ToArray();
    private static readonly FileControl? s_fileControl = FindFileControl();

    private readonly Session _session;
    private readonly FileInfo _file;
    private readonly FileInfo[] _besides;
    private long _length;

    public FileWatch(Session session)
    {
        _session = session;
        _file = new FileInfo(session.File);
        _length = _file.Exists ? _file.Length : 0;
        _besides = [new FileInfo(session.File + "-wal"), new FileInfo(session.File + "-shm")];
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int FileControl(IntPtr connection, byte[] schema, int operation, out int result);

    /// <exception cref="EventLogException">The file, or what belongs to it, was deleted, moved, replaced or cut.</exception>
    public void Check()
    {
        _file.Refresh();
        if (!_file.Exists || IsReplaced())
            throw Lost(_file, "was deleted, moved or replaced");
        foreach (var beside in _besides)
        {
            beside.Refresh();
            if (!beside.Exists)
                throw Lost(beside, "was deleted or moved");
        }

        var length = _file.Length;
        // It grows when the journal is emptied into it, and only a VACUUM makes it shorter: to what its own first page says.
        if (length < _length && length < _session.Scalar("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"))
            throw Lost(_file, "was cut short");
        _length = length;
    }

    private bool IsReplaced() =>
        // Not every system knows: where open files cannot be replaced, SQLite has nothing to tell.
        s_fileControl is { } control && control(_session.Handle.DangerousGetHandle(), s_main, HasMoved, out var moved) == raw.SQLITE_OK && moved != 0;

    private EventLogException Lost(FileInfo file, string what) =>
        new($"The file '{file.FullName}' {what} while the event log '{_session.File}' was open. What is committed from now on would be in no file of that name, so nothing more is accepted; the last commit may be lost. "
            + "Stop the bus, put the file back with those of the same name and -wal behind it, or go back to a backup, and start the bus again. Never touch the files of a log that is open: copy it with BackupAsync.");

    // SQLitePCLRaw does not offer it, and the library that it has loaded does.
    private static FileControl? FindFileControl() =>
        NativeLibrary.TryLoad(raw.GetNativeLibraryName(), typeof(raw).Assembly, null, out var library) && NativeLibrary.TryGetExport(library, "sqlite3_file_control", out var address)
            ? Marshal.GetDelegateForFunctionPointer<FileControl>(address)
            : null;
}
