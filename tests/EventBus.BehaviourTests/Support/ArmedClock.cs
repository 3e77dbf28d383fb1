using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Support;

/// <summary>A fake clock that tells when its user waits for time again: whoever lets it go on in steps knows when a step is done.</summary>
internal sealed class ArmedClock(FakeTimeProvider inner) : TimeProvider
{
    private readonly Channel<TimeSpan> _armed = Channel.CreateUnbounded<TimeSpan>();

    public override long TimestampFrequency => inner.TimestampFrequency;

    /// <summary>The next wait that begins.</summary>
    public Task<TimeSpan> ArmedAsync() => _armed.Reader.ReadAsync().AsTask().Soon();

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

    public override long GetTimestamp() => inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(inner.CreateTimer(callback, state, dueTime, period), _armed.Writer);

    private sealed class Timer(ITimer inner, ChannelWriter<TimeSpan> armed) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var changed = inner.Change(dueTime, period);
            armed.TryWrite(dueTime);
            return changed;
        }

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
