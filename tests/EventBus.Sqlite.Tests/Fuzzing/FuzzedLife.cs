using EventBus.Sqlite.Tests.Support;

namespace EventBus.Sqlite.Tests.Fuzzing;

/// <summary>Two lives of a bus on one damaged file, in which everything is asked of it.</summary>
internal sealed class FuzzedLife(string path) : IDisposable
{
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromSeconds(20);

    private readonly FuzzedLog _log = new();
    private string _doing = "building";
    private int _next = 1000;

    public void Dispose() => _log.Dispose();

    /// <returns>What must not happen, in words; nothing if it did not.</returns>
    public async Task<string?> RunAsync()
    {
        try
        {
            // The second life reads what the first one made of it.
            _ = await LiveAsync().WaitAsync(4 * s_safetyNet) && await LiveAsync().WaitAsync(4 * s_safetyNet);
            return _log.Mistakes.Count > 0 ? string.Join("; ", _log.Mistakes.Take(3)) : null;
        }
        catch (TimeoutException)
        {
            return $"it hangs, {_doing}";
        }
        catch (MistakeException mistake)
        {
            return mistake.Message;
        }
        catch (Exception error)
        {
            return $"{_doing}: {error}";
        }
    }

    /// <returns>Whether it was in service until its end.</returns>
    private async Task<bool> LiveAsync()
    {
        await using var bus = new FuzzedBus(path, _log);
        _doing = "starting";
        try
        {
            await bus.Bus.StartAsync();
        }
        catch (Exception error) when (error is EventLogException or EventBusConfigurationException)
        {
            return false;
        }

        var isServed = await PublishAsync(bus, 3) && await AskAsync(bus) && await PublishAsync(bus, 2);
        _doing = "stopping";
        await bus.Bus.StopAsync();
        return isServed;
    }

    private async Task<bool> PublishAsync(FuzzedBus bus, int count)
    {
        var accepted = new List<int>();
        for (var i = 0; i < count; i++)
        {
            // A key that the file has no event of: what waits there may wait.
            var number = _next++;
            _doing = $"publishing {number}";
            try
            {
                await bus.Bus.PublishAsync(new Measured(number, number), new PublishOptions { Id = $"new-{number}" });
                accepted.Add(number);
            }
            catch (EventLogException) when (bus.Bus.EventLog.Failure is not null)
            {
                return false;
            }
        }

        var settled = bus.SettledAsync(accepted, FuzzedBus.All);
        _doing = "waiting for what was accepted";
        await Task.WhenAny(settled, _log.Failed, Task.Delay(s_safetyNet));
        if (!settled.IsCompleted && bus.Bus.EventLog.Failure is null)
            throw new MistakeException($"accepted and not delivered: {string.Join("; ", accepted.Select(number => $"{number} to {string.Join(", ", bus.WithoutEvent(number))}"))}. {string.Join(" | ", bus.Bus.Subscriptions.Select(static subscription => $"{subscription.Name}: {subscription.Statistics}"))}");
        if (accepted.Find(bus.WasReplayed) is var replayed and > 0)
            throw new MistakeException($"{replayed} was published now, and given as a part of a replay");
        return settled.IsCompleted;
    }

    // Whatever the answers are: they come, or they are a documented refusal.
    private async Task<bool> AskAsync(FuzzedBus bus)
    {
        var log = bus.Bus.EventLog;
        return await AskAsync("counting dead letters", async () => await bus.Bus.DeadLetters.CountAsync())
            && await AskAsync("listing dead letters", () => AllAsync(bus.Bus.DeadLetters.AllAsync()))
            && await AskAsync("reading", () => AllAsync(log.ReadAsync()))
            && await AskAsync("reading a span of time", () => AllAsync(log.ReadAsync(new() { FromTime = DateTimeOffset.UtcNow.AddDays(-1), BeforeTime = DateTimeOffset.MaxValue })))
            && await AskAsync("asking for statistics", async () => await log.GetStatisticsAsync())
            && await AskAsync("asking for subscriptions", async () => await log.GetSubscriptionsAsync())
            && await AskAsync("redriving", async () => await bus.Bus.DeadLetters.RedriveAsync(new DeadLetterQuery()))
            && await AskAsync("replaying", () => log.ReplayAsync("once", LogPosition.Sequence(1)))
            && await AskAsync("cancelling", async () => await bus.Bus.CancelScheduledAsync(new ScheduledEvent("later", DateTimeOffset.UtcNow, "measured")))
            && await AskAsync("retaining", async () => await log.RetainAsync(new LogRetention { MaxEvents = 10 }))
            && await AskAsync("looking for damage", async () => await log.CheckIntegrityAsync());

        async Task<bool> AskAsync(string doing, Func<ValueTask> ask)
        {
            _doing = doing;
            try
            {
                await ask();
            }
            catch (EventLogException) when (log.Failure is null)
            {
                // This one could not be answered.
            }
            catch (PublishException)
            {
                return false;
            }
            catch (InvalidOperationException error) when (error.Message.Contains("which does not exist", StringComparison.Ordinal))
            {
                // A dead letter of a subscription that there is not.
            }

            return true;
        }
    }

    private static async ValueTask AllAsync<T>(IAsyncEnumerable<T> answers)
    {
        await foreach (var answer in answers)
            Assert.NotNull(answer);
    }

    private sealed class MistakeException(string message) : Exception(message);
}
