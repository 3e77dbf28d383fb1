using System.Text.Json;
using EventBus.Recording;
using EventBus.Storage;

namespace EventBus.Benchmarks.Durable;

/// <summary>Fills a log through its contract, a thousand events a transaction.</summary>
internal static class FullLog
{
    public static void Fill(LogFolder folder, int events)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(OrderLine.Instance, OrderJson.Default.OrderLine);
        using var log = new SqliteEventLog(folder.ConnectionString);
        log.Open();
        for (var done = 0; done < events;)
        {
            using var transaction = log.Begin();
            for (var i = 0; i < 1000 && done < events; i++, done++)
            {
                var id = Guid.CreateVersion7().ToString();
                transaction.Append(new() { Id = id, Type = "order-line", Time = DateTimeOffset.UnixEpoch.AddMilliseconds(done), Body = body, Checksum = Crc32C.Of("order-line", id, body) }, null);
            }

            transaction.Commit();
        }

        log.Close(clean: true);
    }
}
