using EventBus.Storage;

namespace EventBus.Recording;

/// <summary>The checksum of a stored event: over all that a log keeps of it but its sequence, which the log gives.</summary>
/// <remarks>Until schema 3 it covered type, id and body alone, and events of that time are read as they were written. Both are tried. They are made of different bytes: that damage
/// turns one into the other is as likely as that it goes unnoticed by any checksum of 32 bits.</remarks>
internal static class RecordChecksum
{
    /// <summary>Gives a new record its checksum.</summary>
    public static LogRecord Seal(LogRecord record)
    {
        record.Seal(Of(record));
        return record;
    }

    public static bool Holds(LogRecord record) => record.Checksum == Of(record) || record.Checksum == OfOlderSchema(record);

    public static uint OfOlderSchema(LogRecord record) => Crc32C.Of(record.Type, record.Id, record.Body.Span);

    public static uint Of(LogRecord record)
    {
        var crc = Crc32C.Begin();
        crc = Crc32C.Add(crc, ((long)record.TypeVersion << 1) | (record.IsIdGiven ? 1L : 0L));
        crc = Crc32C.Add(crc, record.Time.ToUnixTimeMilliseconds());
        crc = Crc32C.Add(crc, record.ExpiresAt?.ToUnixTimeMilliseconds() ?? long.MinValue);
        crc = Crc32C.Add(crc, record.Type);
        crc = Crc32C.Add(crc, record.Id);
        crc = Crc32C.Add(crc, record.Source);
        crc = Crc32C.Add(crc, record.Subject);
        crc = Crc32C.Add(crc, record.Key);
        crc = Crc32C.Add(crc, record.CorrelationId);
        crc = Crc32C.Add(crc, record.CausationId);
        crc = Crc32C.Add(crc, record.Headers);
        crc = Crc32C.Add(crc, record.TraceParent);
        crc = Crc32C.Add(crc, record.TraceState);
        return Crc32C.End(Crc32C.Add(crc, record.Body.Span));
    }
}
