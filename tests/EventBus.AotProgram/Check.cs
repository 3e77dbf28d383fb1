namespace EventBus.AotProgram;

/// <summary>What a check says when it is disappointed.</summary>
internal static class Check
{
    public static void Equal<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            throw new CheckFailedException($"{what}: expected '{expected}', got '{actual}'.");
    }

    public static void Same(IEnumerable<string> expected, IEnumerable<string> actual, string what) =>
        Equal(string.Join(", ", expected), string.Join(", ", actual), what);
}

internal sealed class CheckFailedException(string message) : Exception(message);
