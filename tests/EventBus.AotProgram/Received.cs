using System.Collections.Concurrent;

namespace EventBus.AotProgram;

/// <summary>What handlers got, in the order in which they got it.</summary>
internal sealed class Received
{
    private readonly ConcurrentQueue<string> _texts = new();

    public IEnumerable<string> Texts => _texts;

    public ValueTask Add(string text)
    {
        _texts.Enqueue(text);
        return ValueTask.CompletedTask;
    }
}
