using System.Diagnostics;
using EventBus.Storage;
using EventBus.Telemetry.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry.Trace;

namespace EventBus.Telemetry.Tests;

/// <summary>What becomes of an event is one trace, whatever happens to it on its way.</summary>
public sealed class TraceTests
{
    private static readonly RetryPolicy s_retry = RetryPolicy.Fixed(maxAttempts: 3, delay: TimeSpan.FromSeconds(1));

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task A_publish_and_its_handling_are_spans_of_one_trace()
    {
        using var exported = Exported.Traces();
        await using var bus = Bus("shop").Handle<OrderPlaced>(static (_, _, _) => default, static s => s.Named("mail")).Build();

        using (var request = Exported.Application.StartActivity("request"))
            await bus.PublishAsync(new OrderPlaced("1"), new PublishOptions { Id = "id-1", CorrelationId = "visit" });
        await bus.WhenSettled();

        var publish = exported.One("publish order-placed");
        var process = exported.One("process order-placed");
        Assert.Equal(exported.One("request").SpanId, publish.ParentSpanId);
        Assert.Equal(publish.SpanId, process.ParentSpanId);
        Assert.Equal(publish.TraceId, process.TraceId);
        Assert.Equal(publish.SpanId, Assert.Single(process.Links).Context.SpanId);
        Assert.Equal((ActivityKind.Producer, ActivityKind.Consumer), (publish.Kind, process.Kind));
        Assert.Equal(
            [("eventbus.name", "shop"), ("messaging.destination.name", "order-placed"), ("messaging.message.conversation_id", "visit"), ("messaging.message.id", "id-1"), ("messaging.operation.name", "publish"), ("messaging.operation.type", "send"), ("messaging.system", "eventbus")],
            TagsOf(publish));
        Assert.Equal(
            [("eventbus.attempt", "1"), ("eventbus.name", "shop"), ("messaging.destination.name", "order-placed"), ("messaging.destination.subscription.name", "mail"), ("messaging.message.conversation_id", "visit"), ("messaging.message.id", "id-1"), ("messaging.operation.name", "process"), ("messaging.operation.type", "process"), ("messaging.system", "eventbus")],
            TagsOf(process));
        Assert.All(exported.Spans, static span => Assert.Equal(ActivityStatusCode.Unset, span.Status));
    }

    [Fact]
    public async Task An_event_without_an_id_of_its_own_has_the_same_id_in_both_spans()
    {
        using var exported = Exported.Traces();
        var ids = new List<string>();
        await using var bus = Bus().Handle<OrderPlaced>((_, context, _) => Keep(ids, context.Id)).Build();

        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.WhenSettled();

        Assert.All(exported.Spans, span => Assert.Equal((ids[0], ids[0]), (span.Tag("messaging.message.id"), span.Tag("messaging.message.conversation_id"))));
    }

    [Fact]
    public async Task Inline_handlers_run_in_spans_within_the_publish()
    {
        using var exported = Exported.Traces();
        var within = new List<string>();
        await using var bus = Bus()
            .Handle<OrderPlaced>((_, _, _) => Keep(within, Activity.Current!.Id!), static s => s.Named("first").Inline())
            .Handle<OrderPlaced>((_, _, _) => Keep(within, Activity.Current!.Id!), static s => s.Named("second").Inline())
            .Build();

        await bus.PublishAsync(new OrderPlaced("1"));

        Assert.Null(Activity.Current);
        var publish = exported.One("publish order-placed");
        var processes = exported.Named("process order-placed").ToList();
        Assert.Equal(processes.Select(static span => span.Id), within);
        Assert.Equal(["first", "second"], processes.Select(static span => span.Tag("messaging.destination.subscription.name")));
        Assert.All(processes, span => Assert.Equal(publish.SpanId, span.ParentSpanId));
        Assert.All(processes, static span => Assert.Empty(span.Links));
    }

    [Fact]
    public async Task What_a_handler_publishes_belongs_to_the_span_of_its_attempt()
    {
        using var exported = Exported.Traces();
        await using var bus = Bus()
            .Handle<OrderPlaced>(static (order, context, token) => context.Publisher.PublishAsync(new PaymentTaken(order.Number), token))
            .Handle<PaymentTaken>(static (_, _, _) => default)
            .Build();

        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.WhenSettled();

        Assert.Equal(exported.One("process order-placed").SpanId, exported.One("publish payment-taken").ParentSpanId);
        Assert.Equal(exported.One("publish payment-taken").SpanId, exported.One("process payment-taken").ParentSpanId);
        Assert.Single(exported.Spans.Select(static span => span.TraceId).Distinct());
        Assert.Single(exported.Spans.Select(static span => span.Tag("messaging.message.conversation_id")).Distinct());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_attempt_has_a_span_and_a_failed_one_says_so(bool isDurable)
    {
        using var exported = Exported.Traces();
        await using var bus = Bus().UseEventLog(new InMemoryEventLog())
            .Handle<OrderPlaced>(static (_, context, _) => context.Attempt < 3 ? throw new InvalidOperationException("No.") : default, s => Mode(s.Named("mail").Retry(s_retry), isDurable))
            .Build();

        await bus.PublishAsync(new OrderPlaced("1"));
        await LetTimePassAsync(bus, 2);
        await bus.WhenSettled();

        var attempts = exported.Named("process order-placed").ToList();
        Assert.Equal(["1", "2", "3"], attempts.Select(static span => span.Tag("eventbus.attempt")));
        Assert.Equal([ActivityStatusCode.Error, ActivityStatusCode.Error, ActivityStatusCode.Unset], attempts.Select(static span => span.Status));
        Assert.Equal(["System.InvalidOperationException", "System.InvalidOperationException", null], attempts.Select(static span => span.Tag("error.type")));
        Assert.All(attempts, span => Assert.Equal(exported.One("publish order-placed").SpanId, span.ParentSpanId));
        Assert.All(attempts, span => Assert.Equal(isDurable ? "1" : null, span.Tag("eventbus.sequence")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_dead_letter_that_is_redriven_is_handled_in_its_old_trace(bool isDurable)
    {
        using var exported = Exported.Traces();
        var works = false;
        await using var bus = Bus().UseEventLog(new InMemoryEventLog())
            .Handle<OrderPlaced>((_, _, _) => works ? default : throw new DoNotRetryException(), s => Mode(s.Named("mail"), isDurable))
            .Build();
        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.WhenSettled();
        var letter = await FirstAsync(bus.DeadLetters.AllAsync());

        works = true;
        await bus.DeadLetters.RedriveAsync(letter.Id);
        await bus.WhenSettled();

        var publish = exported.One("publish order-placed");
        Assert.Equal(publish.Id, letter.Metadata.TraceParent);
        Assert.Equal([publish.SpanId, publish.SpanId], exported.Named("process order-placed").Select(static span => span.ParentSpanId));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_scheduled_event_is_published_and_handled_in_the_trace_in_which_it_was_scheduled(bool isDurable)
    {
        using var exported = Exported.Traces();
        await using var bus = Bus().UseEventLog(new InMemoryEventLog()).Handle<OrderPlaced>(static (_, _, _) => default, s => Mode(s.Named("mail"), isDurable)).Build();
        await bus.StartAsync();

        using (var request = Exported.Application.StartActivity("request"))
            await bus.ScheduleAsync(new OrderPlaced("1"), TimeSpan.FromSeconds(1), new PublishOptions { Id = "id-1" });
        await LetTimePassAsync(bus, 1);
        await bus.WhenSettled();

        var schedule = exported.One("schedule order-placed");
        Assert.Equal(exported.One("request").SpanId, schedule.ParentSpanId);
        Assert.Equal(("create", ActivityKind.Producer), (schedule.Tag("messaging.operation.type"), schedule.Kind));
        Assert.Equal((schedule.SpanId, ActivityKind.Client), (exported.One("publish order-placed").ParentSpanId, exported.One("publish order-placed").Kind));
        Assert.Equal(schedule.SpanId, exported.One("process order-placed").ParentSpanId);
        Assert.Equal(["id-1", "id-1", "id-1"], exported.Spans.Where(static span => span.DisplayName != "request").Select(static span => span.Tag("messaging.message.id")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Events_that_are_published_together_belong_to_one_publish(bool isDurable)
    {
        using var exported = Exported.Traces();
        await using var bus = Bus().UseEventLog(new InMemoryEventLog()).Handle<OrderPlaced>(static (_, _, _) => default, s => Mode(s.Named("mail"), isDurable)).Build();

        await bus.PublishManyAsync([new OrderPlaced("1"), new OrderPlaced("2")]);
        await bus.WhenSettled();

        var publish = exported.One("publish order-placed");
        Assert.Equal("2", publish.Tag("messaging.batch.message_count"));
        Assert.Equal([publish.SpanId, publish.SpanId], exported.Named("process order-placed").Select(static span => span.ParentSpanId));
    }

    [Fact]
    public async Task A_publish_that_is_refused_says_so()
    {
        using var exported = Exported.Traces();
        await using var bus = Bus().Handle<OrderPlaced>(static (_, _, _) => default, static s => s.StartPaused().Capacity(1).WhenFull(QueueFullMode.Reject)).Build();
        await bus.PublishAsync(new OrderPlaced("1"));

        await Assert.ThrowsAsync<QueueFullException>(async () => await bus.PublishAsync(new OrderPlaced("2")));

        var refused = exported.Named("publish order-placed").Last();
        Assert.Equal((ActivityStatusCode.Error, "EventBus.QueueFullException"), (refused.Status, refused.Tag("error.type")));
    }

    [Fact]
    public async Task What_tracing_systems_keep_beside_the_trace_travels_too()
    {
        using var exported = Exported.Traces();
        var log = new InMemoryEventLog();
        await using (var before = Bus().UseEventLog(log).Handle<OrderPlaced>(static (_, _, _) => default, static s => s.Named("mail").Durable().StartPaused()).Build())
        {
            var remote = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, "rojo=1");
            using var request = Exported.Application.StartActivity("request", ActivityKind.Server, remote);
            await before.PublishAsync(new OrderPlaced("1"));
        }

        await using var after = Bus().UseEventLog(log).Handle<OrderPlaced>(static (_, _, _) => default, static s => s.Named("mail").Durable()).Build();
        await after.StartAsync();
        await after.WhenSettled();

        var process = exported.One("process order-placed");
        Assert.Equal("rojo=1", process.TraceStateString);
        Assert.Equal(exported.One("publish order-placed").SpanId, process.ParentSpanId);
    }

    [Fact]
    public async Task A_trace_that_is_not_sampled_stays_so_in_handlers()
    {
        using var exported = Exported.Traces(new ParentBasedSampler(new AlwaysOffSampler()));
        var flags = new List<string>();
        await using var bus = Bus().Handle<OrderPlaced>((_, _, _) => Keep(flags, $"{Activity.Current?.TraceId} {Activity.Current?.Recorded}")).Build();

        using var request = Exported.Application.StartActivity("request");
        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.WhenSettled();

        Assert.Empty(exported.Spans);
        Assert.Equal([$"{request!.TraceId} False"], flags);
    }

    [Fact]
    public async Task Who_begins_to_listen_while_the_bus_runs_hears_what_comes_and_who_stops_hears_no_more()
    {
        await using var bus = Bus().Handle<OrderPlaced>(static (_, _, _) => default).Build();
        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.WhenSettled();

        using var exported = Exported.Traces();
        await bus.PublishAsync(new OrderPlaced("2"));
        await bus.WhenSettled();
        exported.Dispose();
        await bus.PublishAsync(new OrderPlaced("3"));
        await bus.WhenSettled();

        Assert.Equal(["publish order-placed", "process order-placed"], exported.Spans.Select(static span => span.DisplayName).OrderDescending(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Where_nobody_listens_no_trace_is_kept_although_there_is_one()
    {
        using var request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        await using var bus = Bus().UseEventLog(new InMemoryEventLog()).Handle<OrderPlaced>(static (_, _, _) => default, static s => s.Named("mail").Durable()).Build();

        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.WhenSettled();

        Assert.Null((await FirstAsync(bus.EventLog.ReadAsync())).Metadata.TraceParent);
    }

    [Fact]
    public async Task The_trace_of_an_event_of_the_log_can_be_read()
    {
        using var exported = Exported.Traces();
        await using var bus = Bus().UseEventLog(new InMemoryEventLog()).Handle<OrderPlaced>(static (_, _, _) => default, static s => s.Named("mail").Durable()).Build();

        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.WhenSettled();

        Assert.Equal(exported.One("publish order-placed").Id, (await FirstAsync(bus.EventLog.ReadAsync())).Metadata.TraceParent);
    }

    private static List<(string, string?)> TagsOf(Activity span) =>
        [.. span.TagObjects.Select(static tag => (tag.Key, tag.Value?.ToString())).OrderBy(static tag => tag.Key, StringComparer.Ordinal)];

    private static ValueTask Keep(List<string> list, string value)
    {
        list.Add(value);
        return default;
    }

    private static void Mode(SubscriptionBuilder<OrderPlaced> subscription, bool isDurable)
    {
        if (isDurable)
            subscription.Durable();
    }

    private static async Task<T> FirstAsync<T>(IAsyncEnumerable<T> all)
    {
        await foreach (var one in all)
            return one;
        throw new InvalidOperationException("There is none.");
    }

    private EventBusBuilder Bus(string name = "test") => new EventBusBuilder().Named(name).UseTimeProvider(_clock);

    private async Task LetTimePassAsync(IEventBus bus, int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            await bus.WhenQuiet();
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
    }
}
