namespace EventBus.HostChild;

/// <summary>What was accepted and what was handled. A line is out of the process when it was said.</summary>
internal sealed class Ledger(Life life)
{
    private static readonly Stream s_output = Console.OpenStandardOutput();

    private readonly TaskCompletionSource _never = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _queued;
    private long _stored;
    private int _publishing = life.Publishers;

    public static void Say(string line)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(line + "\n");
        lock (s_output)
            s_output.Write(bytes);
    }

    public long Accepted<T>() => Interlocked.Read(ref typeof(T) == typeof(Queued) ? ref _queued : ref _stored);

    public void Accept(Queued fact)
    {
        if (Interlocked.Increment(ref _queued) == 200)
            Say("under load");
    }

    public void Accept(Stored fact)
    {
        Interlocked.Increment(ref _stored);
        Say($"accepted-stored {fact.Number}");
    }

    public async ValueTask HandleAsync(Queued fact)
    {
        await Task.Yield();
        if (life.OneHangs && fact.Number == life.From)
            await _never.Task;
    }

    public async ValueTask HandleAsync(Stored fact)
    {
        await Task.Yield();
        if (life.SomeFail && fact.Number % 10 == 0)
            throw new InvalidOperationException("Not in this life.");
        Say($"handled-stored {fact.Number}");
    }

    public void PublisherEnded()
    {
        if (Interlocked.Decrement(ref _publishing) == 0)
            _ended.SetResult();
    }

    public Task WhenPublishersHaveEndedAsync() => life.Publishers == 0 ? Task.CompletedTask : _ended.Task;
}
