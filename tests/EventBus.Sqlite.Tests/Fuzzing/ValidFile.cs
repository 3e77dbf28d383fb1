using EventBus.Sqlite.Tests.Support;

namespace EventBus.Sqlite.Tests.Fuzzing;

/// <summary>Writes a file that has rows in every table, as a bus leaves it when it stops.</summary>
internal static class ValidFile
{
    /// <summary>The greatest number of its events.</summary>
    public const int Last = 20;

    public static async Task<string> WriteAsync(string path)
    {
        await using (var bus = new FuzzedBus(path, new FuzzedLog()))
        {
            for (var number = 1; number <= Last; number++)
            {
                var options = new PublishOptions
                {
                    Id = number % 2 == 0 ? $"id-{number}" : null,
                    Source = number % 3 == 0 ? "till" : null,
                    Subject = number % 4 == 0 ? "order/5" : null,
                    Key = number % 5 == 0 ? "k" : null,
                    TimeToLive = number % 6 == 0 ? TimeSpan.FromDays(1) : null,
                    Headers = number % 7 == 0 ? new Dictionary<string, string> { ["tenant"] = "a" } : null,
                };
                await bus.Bus.PublishAsync(new Measured(number, number % 4, IsPoison: number is 6 or 7 or 10), options);
            }

            await bus.Bus.ScheduleAsync(new Measured(Last + 1, 1), TimeSpan.FromDays(1), new PublishOptions { Id = "later", TimeToLive = TimeSpan.FromHours(1) });
            await bus.Bus.ScheduleAsync(new Measured(Last + 2, 2), TimeSpan.FromDays(2));
            // 7 waits for its retry, and what is of its key waits behind it.
            await bus.SettledAsync([6, 10], FuzzedBus.All).Soon();
            await bus.SettledAsync(Enumerable.Range(1, Last).Where(static number => number != 7 && number % 4 != 3), FuzzedBus.All).Soon();
            await bus.Bus.StopAsync();
        }

        using (var connection = OpenFile.Connect(path))
            connection.Run("PRAGMA wal_checkpoint(TRUNCATE)");

        return path;
    }
}
