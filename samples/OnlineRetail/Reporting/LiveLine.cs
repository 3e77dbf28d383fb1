using System.Diagnostics;
using EventBus;

namespace OnlineRetail.Reporting;

/// <summary>Shows while the shop is open how far it is: one line that is written over on a terminal, a plain line for each change elsewhere.</summary>
public sealed class LiveLine : IAsyncDisposable
{
    private static readonly TimeSpan s_terminalPeriod = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_plainPeriod = TimeSpan.FromSeconds(1);

    private readonly TextWriter _output;
    private readonly int? _width;
    private readonly Func<long> _published;
    private readonly long _total;
    private readonly IReadOnlyList<ISubscription> _subscriptions;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly PeriodicTimer _timer;
    private readonly Task _showing;
    private string _shown = "";
    private double? _secondsToPublish;

    /// <param name="screen">Where to.</param>
    /// <param name="published">How many events were published so far.</param>
    /// <param name="total">How many there will be; 0 if this run publishes none.</param>
    /// <param name="subscriptions">The subscriptions whose waiting deliveries are counted.</param>
    public LiveLine(Screen screen, Func<long> published, long total, IReadOnlyList<ISubscription> subscriptions)
    {
        _output = screen.Output;
        _width = screen.TerminalWidth;
        _published = published;
        _total = total;
        _subscriptions = subscriptions;
        _timer = new PeriodicTimer(_width is null ? s_plainPeriod : s_terminalPeriod);
        _showing = ShowAsync();
    }

    /// <summary>Shows the last state and leaves the cursor on a line of its own.</summary>
    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _showing;
        Show();
        if (_width is not null)
            await _output.WriteLineAsync();
        await _output.WriteLineAsync();
    }

    private async Task ShowAsync()
    {
        while (await _timer.WaitForNextTickAsync())
            Show();
    }

    private void Show()
    {
        var text = Text();
        if (_width is not { } width)
        {
            if (text != _shown)
                _output.WriteLine(text);
            _shown = text;
            return;
        }

        // One column stays free: a full line would wrap and could not be written over.
        _output.Write('\r' + (text.Length < width ? text.PadRight(width - 1) : text[..(width - 1)]));
        _output.Flush();
    }

    private string Text()
    {
        var waiting = Screen.Count(_subscriptions.Sum(static subscription => subscription.Statistics.Waiting), "delivery waits", "deliveries wait");
        if (_total == 0)
            return $"published nothing, {waiting}";
        var published = _published();
        if (published == _total)
            _secondsToPublish ??= _watch.Elapsed.TotalSeconds;
        var speed = published / Math.Max(_secondsToPublish ?? _watch.Elapsed.TotalSeconds, 0.001);
        return $"published {published:N0} of {_total:N0} ({published * 100 / _total} %), {speed:N0} events/s, {waiting}";
    }
}
