using System.Globalization;
using BenchmarkDotNet.Running;
using EventBus.Benchmarks;
using EventBus.Benchmarks.Startup;

if (args is [FirstEvent.Argument, var side, var handlers])
{
    await FirstEvent.RunAsync(side, int.Parse(handlers, CultureInfo.InvariantCulture));
    return;
}

if (args.Contains("--quick") || args.Contains("--full") || args.Contains("--runs"))
{
    await QuickTable.PrintAsync(int.Parse(ValueOf("--runs") ?? "1", CultureInfo.InvariantCulture), ValueOf("--only") ?? "", args.Contains("--full"));
    return;
}

RunPrecisely();

void RunPrecisely() => BenchmarkSwitcher.FromAssembly(typeof(QuickTable).Assembly).Run(args);

string? ValueOf(string name) => Array.IndexOf(args, name) is >= 0 and var index && index + 1 < args.Length ? args[index + 1] : null;
