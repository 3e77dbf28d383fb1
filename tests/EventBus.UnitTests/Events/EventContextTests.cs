using EventBus.Events;
using EventBus.UnitTests.Support;
using NSubstitute;

namespace EventBus.UnitTests.Events;

public sealed class EventContextTests
{
    private const string Ended = "This EventContext was read after its handler had returned. Keep context.Capture() instead, or await what the handler started.";

    private static readonly Stamp s_stamp = new(new DateTimeOffset(2026, 11, 24, 1, 2, 3, TimeSpan.Zero).UtcTicks, 7);

    private static readonly EventDetails s_details = new()
    {
        Id = "42",
        Source = "till-3",
        Subject = "order/5",
        Key = "85123A",
        CorrelationId = "visit-1",
        CausationId = "41",
        Headers = new Dictionary<string, string> { ["tenant"] = "a" },
    };

    [Fact]
    public void The_default_context_throws_and_names_how_to_make_one()
    {
        var error = Assert.Throws<InvalidOperationException>(static () => default(EventContext).Id);

        Assert.Equal("This EventContext is default(EventContext) and belongs to no delivery. In a unit test make one with EventContext.Create(...).", error.Message);
        Assert.Throws<InvalidOperationException>(static () => default(EventContext).Capture());
    }

    [Fact]
    public void A_context_tells_all_about_its_delivery()
    {
        var context = new EventContext(Delivery("fact", s_details));

        Assert.Equal(("42", "String", s_stamp.Time, "till-3", "order/5"), (context.Id, context.Type, context.Time, context.Source, context.Subject));
        Assert.Equal(("85123A", "visit-1", "41", "stock", 3), (context.Key, context.CorrelationId, context.CausationId, context.Subscription, context.Attempt));
        Assert.Equal("a", context.Headers["tenant"]);
        Assert.Null(context.Sequence);
        Assert.False(context.IsReplay);
    }

    [Fact]
    public void An_event_without_details_has_an_id_that_also_names_its_conversation()
    {
        var context = new EventContext(Delivery("fact", null));

        Assert.Equal(new FixedHost().Identity.IdOf(s_stamp), context.Id);
        Assert.Equal(context.Id, context.CorrelationId);
        Assert.Empty(context.Headers);
        Assert.Null(context.CausationId);
        Assert.Null(context.Key);
    }

    [Fact]
    public void Every_member_throws_once_the_handler_has_returned()
    {
        var delivery = Delivery("fact", s_details);
        var context = new EventContext(delivery);

        delivery.Leave();

        foreach (var property in typeof(EventContext).GetProperties())
        {
            var error = Assert.Throws<System.Reflection.TargetInvocationException>(() => property.GetValue(context)).InnerException;
            Assert.Equal(Ended, Assert.IsType<InvalidOperationException>(error).Message);
        }

        Assert.Equal(Ended, Assert.Throws<InvalidOperationException>(() => context.Capture()).Message);
    }

    [Fact]
    public void What_was_captured_may_be_kept()
    {
        var delivery = Delivery("fact", s_details);
        var captured = new EventContext(delivery).Capture();

        delivery.Leave();
        delivery.Begin("another", default, null, null);

        Assert.Equal(("42", "String", "visit-1", "stock", 3), (captured.Id, captured.Type, captured.CorrelationId, captured.Subscription, captured.Attempt));
    }

    [Fact]
    public void A_context_made_by_hand_tells_what_it_was_given()
    {
        var metadata = new EventMetadata { Id = "1", Type = "fact", Time = DateTimeOffset.UnixEpoch, CorrelationId = "2", Attempt = 5 };
        var publisher = Substitute.For<IEventPublisher>();

        var context = EventContext.Create(metadata, publisher: publisher);

        Assert.Equal(metadata, context.Capture());
        Assert.Same(publisher, context.Publisher);
        Assert.Equal(
            "This EventContext was made without services. Give them: EventContext.Create(services: ...).",
            Assert.Throws<InvalidOperationException>(() => context.Services).Message);
    }

    [Fact]
    public void A_context_made_by_hand_of_nothing_is_a_first_attempt()
    {
        var context = EventContext.Create();

        Assert.Equal(("test", "test", 1), (context.Id, context.Subscription, context.Attempt));
        Assert.Equal(
            "This EventContext was made without a publisher. Give one: EventContext.Create(publisher: ...).",
            Assert.Throws<InvalidOperationException>(() => context.Publisher).Message);
    }

    [Fact]
    public async Task A_kept_context_never_shows_another_events_data_to_a_concurrent_reader()
    {
        const int Deliveries = 200_000;
        string[] subscriptions = [.. Enumerable.Range(0, 16).Select(static place => $"s{place}")];
        var delivery = new DeliveryContext<string>(new FixedHost(), subscriptions);
        (EventContext Context, int Number)? kept = null;
        var gate = new object();
        var over = false;

        var reader = Task.Run(() =>
        {
            var wrong = 0;
            while (!Volatile.Read(ref over))
            {
                (EventContext Context, int Number)? read;
                lock (gate)
                    read = kept;
                if (read is not { } one)
                    continue;
                try
                {
                    var seen = one.Context.Capture();
                    if (seen.Id != $"{one.Number}" || seen.Attempt != one.Number || seen.Subscription != $"s{one.Number % 16}")
                        wrong++;
                }
                catch (InvalidOperationException)
                {
                    // The delivery is over, and says so.
                }
            }

            return wrong;
        });
        for (var number = 1; number <= Deliveries; number++)
        {
            delivery.Begin("fact", new Stamp(0, number), new EventDetails { Id = $"{number}" }, null);
            delivery.Enter(number % subscriptions.Length);
            delivery.EnterAttempt(number);
            lock (gate)
                kept = (new EventContext(delivery), number);
            delivery.Leave();
        }

        Volatile.Write(ref over, true);

        Assert.Equal(0, await reader.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    private static DeliveryContext<string> Delivery(string @event, EventDetails? details)
    {
        var delivery = new DeliveryContext<string>(new FixedHost(), ["stock"]);
        delivery.Begin(@event, s_stamp, details, null);
        delivery.EnterAttempt(3);
        return delivery;
    }
}
