using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace EventBus.Hosting.Configuration;

/// <summary>Finds sections that stand where the settings of buses stand and that no bus reads, such as <c>EventBus:Subscription</c>: of each is told once.</summary>
/// <remarks>A single value there is the application's own, and nothing is said of it.</remarks>
internal sealed class UnreadSections(IEnumerable<HostedBusKey> buses, IOptionsMonitor<EventBusHostingOptions> options, IConfiguration? configuration = null)
{
    private readonly HashSet<string> _told = new(StringComparer.OrdinalIgnoreCase);

    /// <returns>The path of each section that was not told of before, and what is read beside it.</returns>
    public List<(string Path, string Read)> ToTell()
    {
        if (configuration is null)
            return [];
        var sections = buses.Select(bus => options.Get(bus.Key ?? Options.DefaultName).ConfigurationSection).Where(static section => !string.IsNullOrEmpty(section)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        List<(string, string)> found = [];
        foreach (var place in sections.Append(EventBusHostingOptions.DefaultConfigurationSection).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            var read = ReadIn(place, sections);
            // Where no bus reads anything, all is the application's own.
            if (read.Count > 0)
                found.AddRange(Unread(configuration.GetSection(place), read));
        }

        lock (_told)
            return found.FindAll(section => _told.Add(section.Item1));
    }

    // What buses read directly below a place: the settings of one, or the sections of several.
    private static List<string> ReadIn(string place, HashSet<string> sections)
    {
        List<string> read = sections.Contains(place) ? [SubscriptionsInConfiguration.Subscriptions] : [];
        foreach (var section in sections)
        {
            if (section.StartsWith($"{place}:", StringComparison.OrdinalIgnoreCase))
                read.Add(section[(place.Length + 1)..].Split(':')[0]);
        }

        return read;
    }

    private static IEnumerable<(string, string)> Unread(IConfigurationSection place, List<string> read) => place.GetChildren()
        .Where(child => child.GetChildren().Any() && !read.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
        .Select(child => (child.Path, string.Join(", ", read)));
}
