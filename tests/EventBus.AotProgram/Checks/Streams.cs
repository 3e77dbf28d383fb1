namespace EventBus.AotProgram.Checks;

internal static class Streams
{
    public static async Task A_stream_gives_what_is_published()
    {
        await using var bus = new EventBusBuilder().Build();
        await using var structs = bus.StreamAsync<PriceChanged>().GetAsyncEnumerator();
        await using var orders = bus.StreamAsync<IOrderEvent>().GetAsyncEnumerator();
        var change = structs.MoveNextAsync();
        var order = orders.MoveNextAsync();

        await bus.PublishAsync(new PriceChanged(7, 2.5m));
        await bus.PublishAsync(new OrderPlaced("1", 10m));

        Check.Equal(true, await change && await order, "both streams have an event");
        Check.Equal(7, structs.Current.Event.Article, "a struct");
        Check.Equal("1", orders.Current.Event.Number, "an event of a base type");
    }
}
