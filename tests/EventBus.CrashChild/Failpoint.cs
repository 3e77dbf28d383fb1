using System.Diagnostics;

namespace EventBus.CrashChild;

/// <summary>Kills the process at one point.</summary>
internal sealed class Failpoint
{
    private readonly Process _self = Process.GetCurrentProcess();
    private readonly TaskCompletionSource _timeToDie = new();
    private readonly Life _life;
    private int _passed;

    public Failpoint(Life life)
    {
        _life = life;
        if (life.DiesAt == Points.SometimeInCommit)
            new Thread(DieLater) { IsBackground = true }.Start();
    }

    public bool IsAt(string point) => _life.DiesAt == point;

    public void Pass(string point)
    {
        if (Counts(point))
            Die();
    }

    public void PassCommit()
    {
        if (Counts(Points.SometimeInCommit))
            _timeToDie.TrySetResult();
    }

    /// <summary>Whether this is the passing of the point that counts.</summary>
    public bool Counts(string point) => IsAt(point) && Interlocked.Increment(ref _passed) == _life.DiesAtPassing;

    public void Die() => Die(_life.DiesAt);

    public void Die(string where)
    {
        Journal.Write($"died {where}");
        _self.Kill();
        Thread.Sleep(Timeout.Infinite);
    }

    private void DieLater()
    {
        _timeToDie.Task.Wait();
        var since = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(since).TotalMicroseconds < _life.DiesAfterMicroseconds)
            Thread.SpinWait(10);
        Die();
    }
}
