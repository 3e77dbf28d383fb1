using EventBus;
using OnlineRetail.Reading;
using OnlineRetail.Reporting;

namespace OnlineRetail;

/// <summary>The program: command line in, tables and an exit code out.</summary>
public static class RetailApp
{
    private const int BadRowsShown = 20;

    /// <param name="args">The command line.</param>
    /// <param name="output">Progress and tables.</param>
    /// <param name="error">What is wrong with the command line or the file.</param>
    /// <param name="terminalWidth">The width of the terminal that <paramref name="output"/> is; null where it is none.</param>
    /// <param name="hasColour">Whether a terminal shows colour.</param>
    /// <param name="closing">Closes the tills early.</param>
    public static async Task<ExitCode> RunAsync(IReadOnlyList<string> args, TextWriter output, TextWriter error, int? terminalWidth = null, bool hasColour = false, CancellationToken closing = default)
    {
        try
        {
            var commandLine = CommandLine.Parse(args);
            if (commandLine.WantsHelp)
            {
                await output.WriteLineAsync(CommandLine.Help);
                return ExitCode.Success;
            }

            var file = InvoiceFile.Read(commandLine.File);
            await WriteAsync(file.BadRows, error);
            if (commandLine.VerboseInvoice is { } invoice && file.Invoices.All(known => known.Number != invoice))
                throw new CommandLineException($"Invoice '{invoice}' is not in '{commandLine.File}'.");

            return await RunAsync(file, commandLine, new Screen(output, terminalWidth, hasColour), closing);
        }
        catch (CommandLineException exception)
        {
            await error.WriteLineAsync($"{exception.Message} Run with --help for the options.");
            return ExitCode.WrongCommandLine;
        }
        catch (EventLogException exception)
        {
            await error.WriteLineAsync(exception.Message);
            return ExitCode.UnusableLog;
        }
        catch (UnusableFileException exception)
        {
            await error.WriteLineAsync(exception.Message);
            return ExitCode.UnusableFile;
        }
    }

    private static async Task<ExitCode> RunAsync(InvoiceFile file, CommandLine order, Screen screen, CancellationToken closing)
    {
        var flow = new FlowLog(order.VerboseInvoice);
        await screen.Output.WriteLineAsync($"{Screen.Count(file.LineCount, "line", "lines")} of {Screen.Count(file.Invoices.Count, "invoice", "invoices")}");
        var results = await Shop.RunAsync(file.Invoices, order, flow, screen, closing);
        flow.Write(screen.Output);
        Report.Write(results, screen);

        if (!results.IsSettled)
            return ExitCode.Unsettled;
        if (closing.IsCancellationRequested)
            return ExitCode.Interrupted;
        return file.BadRows.Count > 0 ? ExitCode.BadRows : ExitCode.Success;
    }

    private static async Task WriteAsync(IReadOnlyList<BadRow> badRows, TextWriter error)
    {
        foreach (var bad in badRows.Take(BadRowsShown))
            await error.WriteLineAsync($"Bad {bad}");
        if (badRows.Count > BadRowsShown)
            await error.WriteLineAsync($"... and {badRows.Count - BadRowsShown:N0} more.");
        if (badRows.Count > 0)
            await error.WriteLineAsync($"{badRows.Count:N0} bad {(badRows.Count == 1 ? "row was" : "rows were")} left out; all others are published.");
    }
}
