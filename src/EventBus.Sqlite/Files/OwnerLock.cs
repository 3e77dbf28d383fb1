using System.Runtime.InteropServices;

namespace EventBus.Sqlite.Files;

/// <summary>The lock of the operating system by which one process owns a log. The system frees it however the process ends, so a killed owner locks nobody out.</summary>
/// <remarks>The file stays behind when the lock is let go: to delete it would let two owners lock two files of the same name.</remarks>
internal sealed class OwnerLock : IDisposable
{
    private const int WindowsSharingViolation = unchecked((int)0x80070020);
    private const int LinuxWouldBlock = 11;
    private const int BsdWouldBlock = 35;

    private readonly FileStream _file;

    private OwnerLock(FileStream file) => _file = file;

    /// <exception cref="EventLogException">Another owner has it, or it cannot be made.</exception>
    public static OwnerLock Take(LogFile file)
    {
        if (!Directory.Exists(file.Folder))
            throw new EventLogException($"The event log '{file.Path}' cannot be opened: the folder '{file.Folder}' does not exist. Create the folder, or correct the Data Source.");
        var path = file.Path + ".lock";
        try
        {
            return new(OwnersFile.Open(path, FileMode.OpenOrCreate, FileShare.None));
        }
        catch (IOException exception) when (IsTaken(exception))
        {
            throw new EventLogException($"The event log '{file.Path}' is in use: another process, or another bus of this one, holds '{path}'. A file has one bus. Stop the other one, or give this one a file of its own.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new EventLogException($"The event log '{file.Path}' cannot be opened: '{path}' cannot be written ({exception.Message}) Give the process the right to write to the folder '{file.Folder}', or choose another one.", exception);
        }
    }

    public void Dispose() => _file.Dispose();

    private static bool IsTaken(IOException exception) => exception.HResult switch
    {
        WindowsSharingViolation => true,
        LinuxWouldBlock => RuntimeInformation.IsOSPlatform(OSPlatform.Linux),
        BsdWouldBlock => !RuntimeInformation.IsOSPlatform(OSPlatform.Linux),
        _ => false,
    };
}
