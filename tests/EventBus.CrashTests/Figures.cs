using System.Diagnostics;
using EventBus.CrashChild;

namespace EventBus.CrashTests;

/// <summary>What a run of campaigns came to.</summary>
internal sealed class Figures
{
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private readonly SortedDictionary<string, int> _deaths = new(StringComparer.Ordinal);
    private int _files;
    private int _stops;
    private int _acknowledged;
    private int _unknown;
    private int _handled;
    private int _again;
    private TimeSpan _longestDrain;

    public void Add(Campaign campaign)
    {
        lock (_deaths)
        {
            _files++;
            foreach (var death in campaign.Deaths)
                _deaths[death] = _deaths.GetValueOrDefault(death) + 1;
            _stops += campaign.History.Count(static entry => entry.What == "stopped");
            var acknowledged = campaign.History.Where(static entry => entry.What == "ack").Select(static entry => entry.Event).ToHashSet();
            _acknowledged += acknowledged.Count;
            _unknown += campaign.History.Where(static entry => entry.What == "try").Select(static entry => entry.Event).Distinct().Count(name => !acknowledged.Contains(name));
            var handled = campaign.History.Where(static entry => entry.What == "handled").ToList();
            _handled += handled.Count;
            _again += handled.Count - handled.DistinctBy(static entry => (entry.Subscription, entry.Event)).Count();
            _longestDrain = campaign.Drained > _longestDrain ? campaign.Drained : _longestDrain;
        }
    }

    public override string ToString() => $"""
        {_deaths.Values.Sum()} kills of {_deaths.Values.Sum() + _stops} processes on {_files} files in {_time.Elapsed.TotalMinutes:0.0} min
        {_acknowledged} events acknowledged, {_unknown} whose outcome their publisher never learned
        {_handled} times handled, {_again} of them again after a crash
        longest last life: {_longestDrain.TotalSeconds:0.0} s
        {string.Join('\n', _deaths.Select(static death => $"{death.Value,5} {death.Key}"))}
        """;
}
