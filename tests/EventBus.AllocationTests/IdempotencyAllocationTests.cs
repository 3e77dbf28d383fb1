using EventBus.AllocationTests.Support;
using EventBus.Storage;

namespace EventBus.AllocationTests;

public sealed class IdempotencyAllocationTests
{
    // Two references of the key, token, end, two links, and the object's header.
    private const int Entry = 64;

    // A string of 36 characters.
    private const int Id = 96;

    // Small enough to be full at once: from then on each entry takes the place of another.
    private const int Remembered = 1_000;

    [Fact]
    public async Task De_duplication_by_a_key_of_the_event_allocates_only_the_entry()
    {
        await using var run = Run(s => s.Idempotent(fact => fact.Key));

        var bytes = await run.BytesPerEventAsync();

        Assert.InRange(bytes, 0, Entry + Allocations.Tolerance);
    }

    [Fact]
    public async Task De_duplication_by_id_allocates_only_the_entry_and_the_id()
    {
        await using var run = Run(s => s.Idempotent());

        var bytes = await run.BytesPerEventAsync();

        Assert.InRange(bytes, 0, Entry + Id + Allocations.Tolerance);
    }

    private static QueuedRun Run(Action<SubscriptionBuilder<Fact>> configure) =>
        new(configure, configureBus: bus => bus.UseIdempotencyStore(new InMemoryIdempotencyStore(Remembered)));
}
