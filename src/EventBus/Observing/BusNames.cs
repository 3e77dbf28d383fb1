namespace EventBus.Observing;

/// <summary>Tells the buses of a process apart. A name that is taken gets a number, and is free again when its bus is disposed, so that there are never more names than buses.</summary>
internal static class BusNames
{
    public const string Default = "default";

    private static readonly HashSet<string> s_taken = [];

    public static string Take(string wanted)
    {
        lock (s_taken)
        {
            var name = wanted;
            for (var number = 2; !s_taken.Add(name); number++)
                name = $"{wanted}-{number}";
            return name;
        }
    }

    public static void Return(string name)
    {
        lock (s_taken)
            s_taken.Remove(name);
    }
}
