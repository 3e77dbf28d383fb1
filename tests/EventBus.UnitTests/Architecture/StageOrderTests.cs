namespace EventBus.UnitTests.Architecture;

/// <summary>The folders of the bus follow an event's life, and the code's own references keep to it.</summary>
public sealed class StageOrderTests
{
    private static readonly string[] s_stages = ["Publishing", "Routing", "Checkpointing", "Recording", "Queueing", "Handling", "Settling"];
    private static readonly string[] s_leaves = ["Retrying", "Idempotency", "DeadLettering", "Timing", "Observing", "Events"];
    private static readonly string[] s_above = ["Lifecycle", "DependencyInjection"];

    private static readonly AssemblyReferences s_references = new(typeof(IEventBus).Assembly);

    [Fact]
    public void A_stage_uses_only_later_stages_and_leaves()
    {
        var offences = s_references.BetweenFolders().Where(static use => !IsAllowed(use.From, use.To)).Select(static use => use.ToString()).ToList();

        Assert.True(offences.Count == 0, $"A folder uses one that it may not use:{Environment.NewLine}{string.Join(Environment.NewLine, offences)}");
    }

    [Fact]
    public void Every_folder_has_its_place_in_the_order()
    {
        var strangers = s_references.Folders.Values.Distinct().Except([.. s_stages, .. s_leaves, .. s_above]);

        Assert.Empty(strangers);
    }

    [Fact]
    public void Internal_types_have_the_namespace_of_their_folder_and_public_ones_the_flat_ones()
    {
        string[] flat = ["EventBus", "EventBus.Storage", "Microsoft.Extensions.DependencyInjection"];

        var strangers = s_references.Folders
            .Where(pair => pair.Key.IsPublic ? !flat.Contains(pair.Key.Namespace) : pair.Key.Namespace != $"EventBus.{pair.Value}")
            .Select(static pair => $"{pair.Key.FullName} in {pair.Value}/");

        Assert.Empty(strangers);
    }

    [Fact]
    public void The_references_are_really_read()
    {
        var uses = s_references.BetweenFolders().Select(static use => (use.From, use.To)).ToHashSet();

        Assert.Contains(("Publishing", "Routing"), uses);
        Assert.Contains(("Checkpointing", "Recording"), uses);
        Assert.Contains(("Queueing", "Handling"), uses);
        Assert.Contains(("Handling", "Settling"), uses);
        Assert.Contains(("Settling", "Retrying"), uses);
        Assert.True(s_references.Folders.Count > 100);
    }

    private static bool IsAllowed(string from, string to)
    {
        if (from == to || s_above.Contains(from))
            return true;
        if (from == "Events" || s_above.Contains(to))
            return false;
        if (s_leaves.Contains(to))
            return true;
        return Array.IndexOf(s_stages, from) is var at and >= 0 && Array.IndexOf(s_stages, to) > at;
    }
}
