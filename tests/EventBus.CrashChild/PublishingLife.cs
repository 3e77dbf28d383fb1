using System.Globalization;
using EventBus.Lifecycle;
using EventBus.Storage;

namespace EventBus.CrashChild;

/// <summary>A bus that publishes what it is told to, line by line, until there is no more to read.</summary>
internal sealed class PublishingLife(Life life, IEventBus bus)
{
    public static async Task<int> RunAsync(Life life)
    {
        await using var bus = new EventBusBuilder()
            .UseSqlite($"Data Source={life.File}", options => options.BusyTimeout = TimeSpan.FromMilliseconds(life.BusyMilliseconds))
            .Handle<Fact>(
                static (fact, context, _) =>
                {
                    Journal.Write($"handled counted {fact.Name} {context.Sequence} {context.Attempt}");
                    return default;
                },
                static s => s.Named("counted").Durable(LogPosition.Earliest))
            .Handle<Beat>(static (beat, _, _) =>
            {
                Journal.Write($"beat {beat.Number}");
                return default;
            })
            .Build();
        try
        {
            await bus.StartAsync();
        }
        catch (EventLogException error)
        {
            Journal.Write($"refused {error.Message}");
            return 3;
        }

        Journal.Write("started");
        await new PublishingLife(life, bus).ObeyAsync();
        await bus.StopAsync();
        Journal.Write("stopped");
        return 0;
    }

    private async Task ObeyAsync()
    {
        while (Console.ReadLine() is { } line)
        {
            var words = line.Split(' ');
            var numbers = words[1..].Select(static word => int.Parse(word, CultureInfo.InvariantCulture)).ToArray();
            switch (words[0])
            {
                case "publish":
                    for (var number = numbers[0]; number < numbers[1]; number++)
                        await PublishAsync(number);
                    break;
                case "together":
                    await Task.WhenAll([.. Enumerable.Range(numbers[0], numbers[1] - numbers[0]).Select(number => Task.Run(() => PublishAsync(number)))]);
                    break;
                case "beat":
                    await bus.PublishAsync(new Beat(numbers[0]));
                    continue;
                case "begin":
                    _ = Task.WhenAll([.. Enumerable.Range(numbers[0], numbers[1] - numbers[0]).Select(number => Task.Run(() => PublishAsync(number)))]);
                    continue;
                case "settle":
                    await ((Bus)bus).Idle.WhenSettledAsync();
                    break;
            }

            Journal.Write($"did {line}");
        }
    }

    private async Task PublishAsync(int number)
    {
        var fact = new Fact(1, number) { Ballast = life.Bytes == 0 ? null : new string('x', life.Bytes) };
        Journal.Write($"try {fact.Name}");
        try
        {
            await bus.PublishAsync(fact, new PublishOptions { Id = fact.Name });
            Journal.Write($"ack {fact.Name}");
        }
        catch (PublishException error)
        {
            Journal.Write($"fail {fact.Name} {error.GetType().Name} {(error is EventLogException { IsTransient: true } ? "transient" : "final")} {error.Message.ReplaceLineEndings(" ")}");
        }
    }
}
