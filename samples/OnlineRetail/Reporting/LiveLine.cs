using System.Diagnostics;
using EventBus;

namespace OnlineRetail.Reporting;

/// <summary>Shows while the shop is open how far it is: one line that is written over on a terminal, plain lines elsewhere.</summary>
public sealed class LiveLine : IAsyncDisposable
{
    private const int NarrowestTerminal = 20;

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

    /// <param name="output">Where to.</param>
    /// <param name="terminalWidth">Null where the output is no terminal.</param>
    /// <param name="published">How many events were published so far.</param>
    /// <param name="total">How many there will be.</param>
    /// <param name="subscriptions">Whose queues are looked at.</param>
    public LiveLine(TextWriter output, int? terminalWidth, Func<long> published, long total, IReadOnlyList<ISubscription> subscriptions)
    {
        _output = output;
        _width = terminalWidth >= NarrowestTerminal ? terminalWidth : null;
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
        var published = _published();
        var percent = _total == 0 ? 100 : published * 100 / _total;
        var speed = published / Math.Max(_watch.Elapsed.TotalSeconds, 0.001);
        var depth = _subscriptions.Sum(static subscription => subscription.Statistics.Waiting);
        var text = $"published {published:N0} of {_total:N0} ({percent} %), {speed:N0} events/s, depth {depth:N0}";
        if (_width is not { } width)
        {
            _output.WriteLine(text);
            return;
        }

        // One column stays free: a full line would wrap and could not be written over.
        _output.Write('\r' + (text.Length < width ? text.PadRight(width - 1) : text[..(width - 1)]));
        _output.Flush();
    }
}
