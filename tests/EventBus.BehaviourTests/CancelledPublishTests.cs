using EventBus.BehaviourTests.Support;

namespace EventBus.BehaviourTests;

/// <summary>What a publisher that cancels is told.</summary>
public sealed class CancelledPublishTests
{
    private static readonly CancellationToken s_cancelled = new(canceled: true);

    public static TheoryData<string> Publishes => ["publish", "options", "object", "bound", "many", "schedule", "delay"];

    [Theory]
    [MemberData(nameof(Publishes))]
    public async Task A_publish_that_was_cancelled_before_it_began_says_so(string publish)
    {
        await using var bus = new EventBusBuilder().Handle<string>(static (_, _, _) => default).Build();
        var task = publish switch
        {
            "publish" => bus.PublishAsync("fact", s_cancelled).AsTask(),
            "options" => bus.PublishAsync("fact", new PublishOptions { Key = "k" }, s_cancelled).AsTask(),
            "object" => bus.PublishAsync<object>("fact", s_cancelled).AsTask(),
            "bound" => bus.For<string>().PublishAsync("fact", null, s_cancelled).AsTask(),
            "many" => bus.PublishManyAsync(["fact", "fact"], cancellationToken: s_cancelled).AsTask(),
            "schedule" => bus.ScheduleAsync("fact", DateTimeOffset.MaxValue, cancellationToken: s_cancelled).AsTask(),
            _ => bus.ScheduleAsync("fact", TimeSpan.FromHours(1), cancellationToken: s_cancelled).AsTask(),
        };

        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);

        Assert.True(task.IsCanceled);
        Assert.Equal(s_cancelled, error.CancellationToken);
        Assert.Contains(publish == "many" ? "2 of 2 events were not published" : "The publisher cancelled before its 'System.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_publish_that_was_cancelled_while_it_waited_for_room_names_the_queue()
    {
        var had = 0;
        await using var bus = new EventBusBuilder()
            .Handle<string>(static (_, _, _) => default, static s => s.Named("stock").Capacity(1).StartPaused())
            .Handle<string>(
                (_, _, _) =>
                {
                    Interlocked.Increment(ref had);
                    return default;
                },
                static s => s.Named("mail"))
            .Build();
        await bus.PublishAsync("first");
        using var impatient = new CancellationTokenSource();

        var publishing = bus.PublishAsync("second", impatient.Token).AsTask();
        await impatient.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publishing.Soon());
        bus.Subscriptions[0].Resume();
        await bus.WhenSettled();

        Assert.True(publishing.IsCanceled);
        Assert.Equal(impatient.Token, error.CancellationToken);
        Assert.Equal("The publisher cancelled while its 'System.String' waited for room in the queue of subscription 'stock', which does not get the event. All that had room have it.", error.Message);
        Assert.Equal(2, had);
    }
}
