namespace EventBus.Testing.Tests;

public sealed class FlightRecorderTests
{
    [Fact]
    public async Task The_history_and_the_flight_recorder_look_on_at_once_and_tell_the_same()
    {
        await using var bus = TestBus.Create(static bus => bus.UseFlightRecorder()
            .Handle<string>(static async (text, context, token) => await context.Publisher.PublishAsync(text.Length, token), static s => s.Named("measure"))
            .Handle<string>(static (_, _, _) => throw new FormatException(), static s => s.Named("read").Retry(RetryPolicy.Fixed(2, TimeSpan.FromMinutes(1))))
            .Handle<int>(static (_, _, _) => default, static s => s.Named("note").Inline()));

        var published = await bus.StimulateAsync("four", new PublishOptions { Id = "root" });
        await bus.WhenIdleAsync();
        await bus.AdvanceAsync(TimeSpan.FromMinutes(1));

        var outcomes = bus.FlightRecorder!.Flow("root").Entries.Where(static entry => entry.Kind is not (FlightEntryKind.Published or FlightEntryKind.Accepted)).Select(static entry => (entry.Subscription, entry.Kind));
        Assert.Equal([("measure", FlightEntryKind.Handled), ("note", FlightEntryKind.Handled), ("read", FlightEntryKind.Retried), ("read", FlightEntryKind.DeadLettered)], outcomes.Order());
        Assert.Equal((DeliveryState.Handled, DeliveryState.DeadLettered), (published.To("measure").State, published.To("read").State));
        Assert.Equal([4], bus.History.HandledBy<int>("note"));
    }
}
