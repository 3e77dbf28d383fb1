using System.Buffers;
using System.Text;
using EventBus.Events;
using EventBus.Recording;
using EventBus.Storage;
using EventBus.Timing;
using EventBus.UnitTests.Support;

namespace EventBus.UnitTests.Recording;

public sealed class RecordCodecTests
{
    private const string Place = "EventBus.UnitTests.Recording.RecordCodecTests";

    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private readonly SettableTimeProvider _time = new();
    private readonly Clock _clock;
    private readonly RecordCodec _codec;

    public RecordCodecTests()
    {
        _clock = new Clock(_time);
        _codec = Codec(new JsonEventSerializer());
    }

    [Fact]
    public void An_event_and_all_that_is_known_of_it_come_back()
    {
        var details = new EventDetails
        {
            Id = "7",
            Source = "till",
            Subject = "order/5",
            Key = "k",
            CorrelationId = "visit",
            CausationId = "cause",
            Headers = new Dictionary<string, string> { ["tenant"] = "a" },
            Trace = TraceContext.Of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "rojo=1"),
        };

        var record = Encode(new Fact("a"), details, givenId: "7") with { Sequence = 9 };
        var back = _codec.DetailsOf(record, isReplay: true, earlier: this);

        Assert.Equal(new Fact("a"), _codec.Decode(record));
        Assert.Equal(("fact", 2, true), (record.Type, record.TypeVersion, record.IsIdGiven));
        Assert.Equal(("7", "till", "order/5", "k", "visit", "cause"), (back.Id, back.Source, back.Subject, back.Key, back.CorrelationId, back.CausationId));
        Assert.Equal(details.Headers, back.Headers);
        Assert.Equal((details.Trace!.Parent, "rojo=1"), (back.Trace?.Parent, back.Trace?.State));
        Assert.Equal((9, true, this, long.MaxValue), (back.Sequence, back.IsReplay, back.Earlier, back.ExpiresAt));
    }

    [Fact]
    public void The_stamp_of_a_record_has_the_time_of_its_publish()
    {
        var record = Encode(new Fact("a"));

        Assert.Equal(record.Time, RecordCodec.StampOf(record).Time);
        Assert.Equal(_time.GetUtcNow(), record.Time);
    }

    [Theory]
    [InlineData("body")]
    [InlineData("type")]
    [InlineData("id")]
    [InlineData("sum")]
    public void A_record_whose_checksum_does_not_match_is_not_read(string damaged)
    {
        var record = Encode(new Fact("a"));
        var body = record.Body.ToArray();
        body[3] ^= 1;

        var unreadable = Unreadable(damaged switch
        {
            "body" => record with { Body = body },
            "type" => record with { Type = "other" },
            "id" => record with { Id = record.Id + " " },
            _ => record with { Checksum = ~record.Checksum },
        });

        Assert.Equal("Its checksum does not match: the row was damaged, or changed by hand. Compare it with a backup, and publish the event again if it matters.", unreadable.Problem);
    }

    /// <summary>Every attribute that a record has, and its name: one that is added to the record must be covered too.</summary>
    public static TheoryData<string> Attributes => [.. typeof(LogRecord).GetProperties().Select(static property => property.Name).Except(["Sequence", "EqualityContract"])];

    [Theory]
    [MemberData(nameof(Attributes))]
    public void A_record_of_which_one_attribute_was_changed_is_not_read(string attribute)
    {
        var record = EncodeFull();
        Assert.Equal(new Fact("a"), _codec.Decode(record));

        Unreadable(Changed(record, attribute));
        if (typeof(LogRecord).GetProperty(attribute)!.PropertyType == typeof(string) && attribute is not ("Id" or "Type"))
        {
            Unreadable(Without(record, attribute, ""));
            Unreadable(Without(record, attribute, null));
        }
    }

    [Fact]
    public void A_record_of_an_older_schema_is_read_with_the_checksum_of_type_id_and_body()
    {
        var record = EncodeFull();
        var older = record with { Checksum = Crc32C.Of(record.Type, record.Id, record.Body.Span) };

        Assert.NotEqual(record.Checksum, older.Checksum);
        Assert.Equal(new Fact("a"), _codec.Decode(older));
        Unreadable(older with { Id = "8" });
    }

    [Fact]
    public void A_record_that_is_moved_in_time_holds_and_a_damaged_one_does_not_become_whole()
    {
        var record = EncodeFull();

        var moved = RecordCodec.At(record, record.Time.AddDays(1), null);
        var damaged = RecordCodec.At(record with { Key = "other" }, record.Time.AddDays(1), null);

        Assert.Equal(new Fact("a"), _codec.Decode(moved));
        Unreadable(damaged);
    }

    [Fact]
    public void A_checksum_holds_for_times_as_a_log_keeps_them()
    {
        var record = EncodeFull();

        Assert.Equal(new Fact("a"), _codec.Decode(record with { Time = LogTime.Of(record.Time), ExpiresAt = LogTime.Of(record.ExpiresAt!.Value) }));
        Unreadable(record with { Time = record.Time.AddMilliseconds(1) });
    }

    [Fact]
    public void A_name_that_is_unknown_keeps_its_bytes_and_names_the_remedy()
    {
        var unreadable = Unreadable(Record("no\r\nbody", "{}"));

        Assert.Equal("No event type has the stored name 'no\\u000D\\u000Abody'. If it was renamed, give the type an alias: AddEvent<T>(e => e.Alias(\"...\")).", unreadable.Problem);
        Assert.Equal(("no\r\nbody", 1, "{}"), (unreadable.Type, unreadable.TypeVersion, Encoding.UTF8.GetString(unreadable.Body.Span)));
    }

    [Fact]
    public void The_assembly_qualified_name_of_a_type_is_as_unknown_as_any()
    {
        var unreadable = Unreadable(Record(typeof(Fact).AssemblyQualifiedName!, """{"Code":"a"}"""));

        Assert.StartsWith("No event type has the stored name", unreadable.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void An_alias_is_read_as_its_type() => Assert.Equal(new Fact("a"), _codec.Decode(Record("old-fact", """{"Code":"a"}""")));

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public void Earlier_versions_are_read_and_later_ones_are_not(int version, bool isRead)
    {
        var decoded = _codec.Decode(Record("fact", """{"Code":"a"}""") with { TypeVersion = version });

        if (isRead)
            Assert.Equal(new Fact("a"), decoded);
        else
            Assert.Equal("It was written as version 3, and this application knows version 2. Deploy the application that wrote it, or redrive it from there.", Assert.IsType<UnreadableEvent>(decoded).Problem);
    }

    [Fact]
    public void A_body_that_cannot_be_read_is_told_with_the_reason()
    {
        var unreadable = Unreadable(Record("fact", "{"));

        Assert.StartsWith($"It could not be deserialized as '{Place}+Fact': JsonException: ", unreadable.Problem, StringComparison.Ordinal);
        Assert.Equal("{", Encoding.UTF8.GetString(unreadable.Body.Span));
    }

    [Fact]
    public void A_serializer_whose_exception_throws_when_it_is_read_ends_nothing()
    {
        var codec = Codec(new HostileSerializer());

        var unreadable = Assert.IsType<UnreadableEvent>(codec.Decode(Record("fact", "{}")));
        var refused = Assert.Throws<ArgumentException>(() => Encode(new Fact("a"), codec: codec));

        Assert.Contains("did not give its text", unreadable.Problem, StringComparison.Ordinal);
        Assert.Contains("did not give its text", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_whose_type_is_not_known_by_name_is_refused() =>
        Assert.Equal(
            $"Event type '{Place}+Stranger' goes into the event log, because a durable subscription gets it, and is not known by name: nobody could read it again. Add AddEvent<Stranger>() to the bus. (Parameter 'event')",
            Assert.Throws<ArgumentException>("event", () => Encode(new Stranger())).Message);

    [Fact]
    public void An_event_that_cannot_be_serialized_is_refused()
    {
        var error = Assert.Throws<ArgumentException>("event", () => Encode(new Broken()));

        Assert.Equal($"Event 'broken' ({Place}+Broken) cannot be serialized for the event log: It has no value. (Parameter 'event')", error.Message);
        Assert.IsType<InvalidOperationException>(error.InnerException);
        // What it had written before it broke off is in no other event.
        Assert.Equal(new Fact("a"), _codec.Decode(Encode(new Fact("a"))));
    }

    [Fact]
    public void An_event_of_just_the_limit_is_stored_and_a_larger_one_is_refused_with_size_and_limit()
    {
        var codec = Codec(new JsonEventSerializer(), maxBodyBytes: 20);

        Assert.Equal(20, Encode(new Fact(new string('x', 9)), codec: codec).Body.Length);
        Assert.Equal(
            "Event 'fact' takes 21 bytes in the event log, and the limit is 20. Publish a reference to what is large instead, or raise the limit with MaxEventBytes(...). (Parameter 'event')",
            Assert.Throws<ArgumentException>("event", () => Encode(new Fact(new string('x', 10)), codec: codec)).Message);
        Assert.Equal(new Fact("a"), codec.Decode(Encode(new Fact("a"), codec: codec)));
    }

    [Fact]
    public void The_time_to_live_goes_on_where_the_event_is_read_again()
    {
        var record = Encode(new Fact("a"), new EventDetails { Id = "1", ExpiresAt = _clock.Now + s_hour.Ticks });
        Assert.Equal(_time.GetUtcNow() + s_hour, record.ExpiresAt);

        _time.Pass(TimeSpan.FromMinutes(20));

        Assert.Equal(TimeSpan.FromMinutes(40).Ticks, _codec.DetailsOf(record, false, null).ExpiresAt - _clock.Now);
    }

    [Fact]
    public void The_longest_time_to_live_never_ends()
    {
        var record = Encode(new Fact("a"), new EventDetails { Id = "1", ExpiresAt = long.MaxValue - 1 });

        Assert.Equal(DateTimeOffset.MaxValue, record.ExpiresAt);
        Assert.True(_codec.DetailsOf(record, false, null).ExpiresAt > _clock.Now + TimeSpan.FromDays(365_000).Ticks);
    }

    [Fact]
    public void Metadata_of_an_event_that_nothing_led_to_begins_its_conversation()
    {
        var metadata = RecordCodec.MetadataOf(Encode(new Fact("a")), "audit", 4);

        Assert.Equal((metadata.Id, null, "audit", 4, null), (metadata.CorrelationId, metadata.CausationId, metadata.Subscription, metadata.Attempt, metadata.Sequence));
        Assert.Empty(metadata.Headers);
    }

    private LogRecord Encode(object @event, EventDetails? details = null, string? givenId = null, RecordCodec? codec = null) =>
        (codec ?? _codec).Encode(@event, new Stamp(_time.GetUtcNow().UtcTicks, 5), details ?? new EventDetails { Id = "1" }, givenId);

    private LogRecord EncodeFull() => Encode(
        new Fact("a"),
        new EventDetails
        {
            Id = "7",
            Source = "till",
            Subject = "order/5",
            Key = "k",
            CorrelationId = "visit",
            CausationId = "cause",
            Headers = new Dictionary<string, string> { ["tenant"] = "a" },
            Trace = TraceContext.Of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "rojo=1"),
            ExpiresAt = _clock.Now + s_hour.Ticks,
        },
        givenId: "7");

    private static LogRecord Changed(LogRecord record, string attribute) => Without(record, attribute, typeof(LogRecord).GetProperty(attribute)!.GetValue(record) switch
    {
        string text => text + " ",
        bool flag => !flag,
        int number => number + 1,
        uint sum => ~sum,
        DateTimeOffset time => time.AddMilliseconds(1),
        ReadOnlyMemory<byte> body => (ReadOnlyMemory<byte>)Enumerable.Reverse(body.ToArray()).ToArray(),
        var other => throw new NotSupportedException($"{attribute} is {other}: say how it is changed."),
    });

    private static LogRecord Without(LogRecord record, string attribute, object? value)
    {
        var changed = record with { };
        typeof(LogRecord).GetProperty(attribute)!.SetValue(changed, value);
        return changed;
    }

    private static LogRecord Record(string type, string body) => new()
    {
        Id = "1",
        Type = type,
        Time = DateTimeOffset.UnixEpoch,
        Body = Encoding.UTF8.GetBytes(body),
        Checksum = Crc32C.Of(type, "1", Encoding.UTF8.GetBytes(body)),
    };

    private UnreadableEvent Unreadable(LogRecord record) => Assert.IsType<UnreadableEvent>(_codec.Decode(record));

    private RecordCodec Codec(IEventSerializer serializer, int maxBodyBytes = 1024)
    {
        var types = new EventTypeRegistry();
        types.Add(new(typeof(Fact), "fact", 2, ["old-fact"]));
        types.Add(new(typeof(Broken), "broken", 1, []));
        return new RecordCodec(types, serializer, maxBodyBytes, new EventIdentity(1), _clock);
    }

    internal sealed record Fact(string Code);

    internal sealed record Stranger;

    internal sealed class Broken
    {
        public string First { get; } = "written before it breaks off";

        public string Value => throw new InvalidOperationException("It has no value.");
    }

    private sealed class HostileException : Exception
    {
        public override string Message => throw new NotSupportedException();
    }

    private sealed class HostileSerializer : IEventSerializer
    {
        public bool CanSerialize(Type eventType, out string reason)
        {
            reason = "";
            return true;
        }

        public void Serialize(object @event, Type eventType, IBufferWriter<byte> body) => throw new HostileException();

        public object Deserialize(ReadOnlySpan<byte> body, Type eventType) => throw new HostileException();
    }
}
