using System.Text.Json;
using System.Text.Json.Serialization;
using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Durable;

/// <summary>What is accepted for storage comes back as it was, or is refused before it is accepted.</summary>
public sealed class StoredEventTests
{
    [Fact]
    public void A_bus_says_of_all_its_stored_types_at_once_what_would_not_come_back()
    {
        var error = Assert.Throws<EventBusConfigurationException>(() => new EventBusBuilder()
            .UseEventLog(static _ => new InMemoryEventLog())
            .Handle<Lossy>(static (_, _, _) => default, static s => s.Named("lossy").Durable())
            .Handle<OfInterface>(static (_, _, _) => default, static s => s.Named("kinds").Durable())
            .AddEvent<OfTuple>(static e => e.Logged())
            .Build());

        Assert.Contains("Subscription 'lossy' is durable, and its event 'EventBus.BehaviourTests.Durable.StoredEventTests+Lossy' would not come back from the log as it was published: "
            + "'EventBus.BehaviourTests.Durable.StoredEventTests+Lossy.Number' would come back empty, because its setter is not public", error.Message, StringComparison.Ordinal);
        Assert.Contains("AddEvent<Lossy>(e => e.StoresPart())", error.Message, StringComparison.Ordinal);
        Assert.Contains("is an interface, and nothing says which type to make of it", error.Message, StringComparison.Ordinal);
        Assert.Contains("OfTuple' is to be logged and would not come back as it was published", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_durable_subscription_to_a_base_type_answers_for_all_types_that_the_bus_knows()
    {
        var error = Assert.Throws<EventBusConfigurationException>(() => new EventBusBuilder()
            .UseEventLog(static _ => new InMemoryEventLog())
            .Handle<IFact>(static (_, _, _) => default, static s => s.Named("facts").Durable())
            .AddEvent<Lossy>()
            .Build());

        Assert.Contains("Lossy.Number' would come back empty", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_that_are_not_stored_may_be_of_any_shape()
    {
        var handled = 0;
        await using var bus = new EventBusBuilder()
            .UseEventLog(static _ => new InMemoryEventLog())
            .Handle<Lossy>((fact, _, _) =>
            {
                handled = fact.Number;
                return default;
            })
            .Build();

        await bus.PublishAsync(new Lossy(5));
        await bus.WhenSettled();

        Assert.Equal(5, handled);
    }

    [Fact]
    public async Task A_part_may_be_stored_where_that_is_meant()
    {
        using var log = new InMemoryEventLog();
        await using var bus = new EventBusBuilder()
            .UseEventLog(log)
            .AddEvent<IFact>(static e => e.StoresPart())
            .Handle<Lossy>(static (_, _, _) => default, static s => s.Named("lossy").Durable())
            .Build();

        await bus.PublishAsync(new Lossy(5));
        await bus.WhenSettled();

        Assert.Single(log.Read(0, 10));
    }

    [Theory]
    [InlineData("publish")]
    [InlineData("publish many")]
    [InlineData("schedule")]
    public async Task What_a_converter_loses_is_found_by_the_first_event_before_it_is_accepted(string way)
    {
        using var log = new InMemoryEventLog();
        await using var bus = Bus<OfConverter>(log);

        var error = await Assert.ThrowsAnyAsync<Exception>(() => StoreAsync(bus, new OfConverter(new Money(5)), way).Soon());

        var refusal = Assert.IsType<ArgumentException>(error is AggregateException { InnerExceptions: [var only] } ? only : error);
        Assert.Contains("would not come back from the event log as it was published: $.Money was another value", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(log.Read(0, 10));
        Assert.Empty(log.ReadScheduled(10));
    }

    [Fact]
    public async Task An_event_that_can_be_written_and_not_read_is_refused_before_it_is_accepted()
    {
        using var log = new InMemoryEventLog();
        await using var bus = Bus<Validated>(log);

        var error = await Assert.ThrowsAsync<ArgumentException>(() => bus.PublishAsync(new Validated { Hidden = 5 }).AsTask());

        Assert.Contains("can be written to the event log and not be read from it", error.Message, StringComparison.Ordinal);
        Assert.Empty(log.Read(0, 10));
    }

    [Fact]
    public async Task State_behind_a_computed_property_is_found_by_the_first_event()
    {
        using var log = new InMemoryEventLog();
        await using var bus = Bus<Hiding>(log);

        var error = await Assert.ThrowsAsync<ArgumentException>(() => bus.PublishAsync(new Hiding().With(5)).AsTask());

        Assert.Contains("$.Number was another value", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_order_of_a_set_and_of_a_dictionary_says_nothing_and_that_of_a_list_does()
    {
        using var log = new InMemoryEventLog();
        await using var bus = new EventBusBuilder()
            .UseEventLog(log)
            .AddEvent<OfSet>(static e => e.Logged())
            .AddEvent<OfStack>(static e => e.Logged())
            .Build();

        await bus.PublishAsync(new OfSet(new Backwards { 1, 2, 3 }, new Dictionary<string, int> { ["b"] = 1, ["a"] = 2 }));
        var error = await Assert.ThrowsAsync<ArgumentException>(() => bus.PublishAsync(new OfStack(new Stack<int>([1, 2]))).AsTask());

        Assert.Contains("$.Numbers[0] was another value", error.Message, StringComparison.Ordinal);
        Assert.Single(log.Read(0, 10));
    }

    [Fact]
    public async Task Only_the_first_event_of_a_type_is_read_back()
    {
        using var log = new InMemoryEventLog();
        await using var bus = Bus<Counted>(log);

        for (var number = 0; number < 5; number++)
            await bus.PublishAsync(new Counted(number));

        Assert.Equal(1, Counted.Read);
    }

    [Fact]
    public async Task A_dead_letter_whose_event_would_not_come_back_is_kept_in_memory_and_redriven_whole()
    {
        var fails = true;
        var handled = 0;
        await using var bus = new EventBusBuilder()
            .UseEventLog(static _ => new InMemoryEventLog())
            .UseTimeProvider(new FakeTimeProvider())
            .Handle<Lossy>(
                (fact, _, _) =>
                {
                    if (fails)
                        throw new DoNotRetryException();
                    handled = fact.Number;
                    return default;
                },
                static s => s.Named("lossy"))
            .Build();
        await bus.PublishAsync(new Lossy(5));
        await bus.WhenSettled();
        fails = false;

        Assert.Equal(1, await bus.DeadLetters.RedriveAsync(new DeadLetterQuery()));
        await bus.WhenSettled();

        Assert.Equal(5, handled);
    }

    private static IEventBus Bus<T>(InMemoryEventLog log)
        where T : notnull => new EventBusBuilder().UseEventLog(log).AddEvent<T>(static e => e.Logged()).Build();

    private static async Task StoreAsync<T>(IEventBus bus, T fact, string way)
        where T : notnull
    {
        switch (way)
        {
            case "publish":
                await bus.PublishAsync(fact);
                break;
            case "publish many":
                await bus.PublishManyAsync([fact]);
                break;
            default:
                await bus.ScheduleAsync(fact, TimeSpan.FromHours(1));
                break;
        }
    }

    private interface IFact;

    private sealed class Lossy : IFact
    {
        public Lossy()
        {
        }

        public Lossy(int number) => Number = number;

        public int Number { get; private set; }
    }

    private interface IKind;

    private sealed record OfInterface(IKind Kind);

    private sealed record OfTuple((int, int) Pair);

    private sealed record OfConverter(Money Money);

    [JsonConverter(typeof(MoneyConverter))]
    private sealed record Money(decimal Amount);

    private sealed class MoneyConverter : JsonConverter<Money>
    {
        public override Money Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            reader.Skip();
            return new Money(0);
        }

        public override void Write(Utf8JsonWriter writer, Money value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Amount);
    }

    private sealed class Validated
    {
        public int Number
        {
            get => Hidden;
            set => throw new InvalidOperationException("never set");
        }

        [JsonIgnore]
        public int Hidden { get; init; }
    }

    private sealed class Hiding
    {
        private int _number;

        public int Number => _number;

        public Hiding With(int number)
        {
            _number = number;
            return this;
        }
    }

    private sealed record OfSet(Backwards Numbers, Dictionary<string, int> Counts);

    /// <summary>A set whose order is turned by each reading.</summary>
    private sealed class Backwards : ISet<int>
    {
        private readonly List<int> _numbers = [];

        public int Count => _numbers.Count;

        public bool IsReadOnly => false;

        public bool Add(int item)
        {
            _numbers.Insert(0, item);
            return true;
        }

        void ICollection<int>.Add(int item) => Add(item);

        public void Clear() => _numbers.Clear();

        public bool Contains(int item) => _numbers.Contains(item);

        public void CopyTo(int[] array, int arrayIndex) => _numbers.CopyTo(array, arrayIndex);

        public bool Remove(int item) => _numbers.Remove(item);

        public IEnumerator<int> GetEnumerator() => _numbers.GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

        public void ExceptWith(IEnumerable<int> other) => throw new NotSupportedException();

        public void IntersectWith(IEnumerable<int> other) => throw new NotSupportedException();

        public bool IsProperSubsetOf(IEnumerable<int> other) => throw new NotSupportedException();

        public bool IsProperSupersetOf(IEnumerable<int> other) => throw new NotSupportedException();

        public bool IsSubsetOf(IEnumerable<int> other) => throw new NotSupportedException();

        public bool IsSupersetOf(IEnumerable<int> other) => throw new NotSupportedException();

        public bool Overlaps(IEnumerable<int> other) => throw new NotSupportedException();

        public bool SetEquals(IEnumerable<int> other) => throw new NotSupportedException();

        public void SymmetricExceptWith(IEnumerable<int> other) => throw new NotSupportedException();

        public void UnionWith(IEnumerable<int> other) => throw new NotSupportedException();
    }

    private sealed record OfStack(Stack<int> Numbers);

    private sealed record Counted
    {
        public static int Read;

        [JsonConstructor]
        public Counted(int number, bool isRead = true)
        {
            Number = number;
            if (isRead)
                Interlocked.Increment(ref Read);
        }

        public Counted(int number)
            : this(number, isRead: false)
        {
        }

        public int Number { get; }

        public bool IsRead => true;
    }
}
