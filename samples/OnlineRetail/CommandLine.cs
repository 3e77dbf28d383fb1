using System.Globalization;
using OnlineRetail.Durable;

namespace OnlineRetail;

/// <summary>What the user asked for.</summary>
public sealed record CommandLine
{
    public const string DefaultInvoice = "536365";

    public const string Help = $"""
        Publishes a week of a British online shop's orders on an event bus and shows what its subscriptions made of them.

        Usage: dotnet run --project samples/OnlineRetail [-- OPTIONS]

          --file PATH          read another file with the same columns
          --verbose [INVOICE]  also print the flow of one invoice, found by its correlation id (default {DefaultInvoice})
          --durable PATH       keep the events, and how far each subscription is, in an SQLite file; a later run goes on there
          --kill-after N       with --durable: end the process hard after N published events, as a crash would
          --replay MODEL       with --durable: publish nothing, and build revenue, stock or loyalty again from the log
          --help               print this text

        Exit codes: 0 all is well, 1 an accepted event was not settled, 2 wrong command line, 3 the file cannot be used,
        4 some rows were bad (they are listed, all others were published), 5 the event log cannot be used, 130 interrupted.
        """;

    public static string DefaultFile => Path.Combine(AppContext.BaseDirectory, "data", "online-retail-2010-12.csv");

    public bool WantsHelp { get; private init; }

    public string File { get; private init; } = DefaultFile;

    /// <summary>The invoice whose flow is printed; null for none.</summary>
    public string? VerboseInvoice { get; private init; }

    /// <summary>The event log's file; null for a shop in memory.</summary>
    public string? DurableFile { get; private init; }

    /// <summary>After how many published events the process ends hard; null for never.</summary>
    public long? KillAfter { get; private init; }

    /// <summary>The read model that is built again; null for none.</summary>
    public string? Replay { get; private init; }

    /// <exception cref="CommandLineException">An option is unknown or lacks its value.</exception>
    public static CommandLine Parse(IReadOnlyList<string> args)
    {
        var line = new CommandLine();
        for (var i = 0; i < args.Count; i++)
        {
            var value = i + 1 < args.Count && !args[i + 1].StartsWith('-') ? args[i + 1] : null;
            switch (args[i])
            {
                case "--help" or "-h":
                    return line with { WantsHelp = true };
                case "--file":
                    line = line with { File = value ?? throw new CommandLineException("Option --file needs a path.") };
                    i++;
                    break;
                case "--verbose":
                    line = line with { VerboseInvoice = value ?? DefaultInvoice };
                    i += value is null ? 0 : 1;
                    break;
                case "--durable":
                    line = line with { DurableFile = value ?? throw new CommandLineException("Option --durable needs a path.") };
                    i++;
                    break;
                case "--kill-after":
                    line = line with { KillAfter = long.TryParse(value, CultureInfo.InvariantCulture, out var count) && count > 0 ? count : throw new CommandLineException("Option --kill-after needs a number of events, 1 or more.") };
                    i++;
                    break;
                case "--replay":
                    line = line with { Replay = value is not null && DurableShop.ReadModels.Contains(value) ? value : throw new CommandLineException($"Option --replay needs one of {string.Join(", ", DurableShop.ReadModels)}.") };
                    i++;
                    break;
                default:
                    throw new CommandLineException($"Unknown option '{args[i]}'.");
            }
        }

        if (line.DurableFile is null && (line.KillAfter is not null || line.Replay is not null))
            throw new CommandLineException("Options --kill-after and --replay go with --durable.");
        return line;
    }
}

/// <summary>The command line is wrong; the message says how.</summary>
public sealed class CommandLineException(string message) : Exception(message);
