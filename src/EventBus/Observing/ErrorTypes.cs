using System.Collections.Concurrent;

namespace EventBus.Observing;

/// <summary>The types of exceptions as values of a tag. Code that makes types while it runs must not make series without end.</summary>
internal sealed class ErrorTypes
{
    public const int Most = 50;
    public const string Other = "_OTHER";

    private readonly ConcurrentDictionary<Type, string> _known = new();

    public static string NameOf(Exception error) => error.GetType().FullName ?? error.GetType().Name;

    /// <summary>The name of the exception's type, or what stands for all after the first <see cref="Most"/>.</summary>
    public string BoundedNameOf(Exception error)
    {
        if (_known.TryGetValue(error.GetType(), out var name))
            return name;
        // Two at once may both get in: a few more are no matter.
        return _known.Count < Most ? _known.GetOrAdd(error.GetType(), NameOf(error)) : Other;
    }
}
