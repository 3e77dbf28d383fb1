using BenchmarkDotNet.Attributes;
using EventBus.Benchmarks.Harness;

namespace EventBus.Benchmarks.Precise;

/// <summary>A group of cases for BenchmarkDotNet: the same two sides as in the quick table, the limit as the baseline.</summary>
[MemoryDiagnoser]
public abstract class Comparison
{
    private const int Events = 100_000;

    private Contender? _limit;
    private Contender? _ours;

    /// <summary>The names of the group's cases.</summary>
    public IEnumerable<string> Cases => All.Select(static @case => @case.Name);

    [ParamsSource(nameof(Cases))]
    public string Case { get; set; } = "";

    private protected abstract IEnumerable<Case> All { get; }

    private Case Chosen => All.Single(@case => @case.Name == Case);

    [GlobalSetup(Target = nameof(Limit))]
    public void SetUpLimit() => _limit = Chosen.Limit();

    [GlobalSetup(Target = nameof(Ours))]
    public void SetUpOurs() => _ours = Chosen.Ours();

    [Benchmark(Baseline = true, OperationsPerInvoke = Events)]
    public Task Limit() => RunAsync(_limit!);

    [Benchmark(OperationsPerInvoke = Events)]
    public Task Ours() => RunAsync(_ours!);

    [GlobalCleanup]
    public async Task CleanUp()
    {
        if (_limit is not null)
            await _limit.DisposeAsync();
        if (_ours is not null)
            await _ours.DisposeAsync();
    }

    private static Task RunAsync(Contender contender)
    {
        contender.Prepare(Events);
        return contender.RunAsync(Events);
    }
}
