using EventBus.Events;

namespace EventBus.UnitTests.Events;

public sealed class EventIdentityTests
{
    private static readonly long s_ticks = new DateTimeOffset(2026, 11, 24, 1, 2, 3, 456, TimeSpan.Zero).UtcTicks;

    [Fact]
    public void The_same_stamp_gives_the_same_id_and_another_bus_another()
    {
        var stamp = new Stamp(s_ticks, 77);

        Assert.Equal(new EventIdentity(1).IdOf(stamp), new EventIdentity(1).IdOf(stamp));
        Assert.NotEqual(new EventIdentity(1).IdOf(stamp), new EventIdentity(2).IdOf(stamp));
    }

    [Fact]
    public void Ids_are_unique_for_many_numbers_of_the_same_moment()
    {
        var identity = new EventIdentity(ulong.MaxValue);

        var ids = Enumerable.Range(0, 300_000).Select(number => identity.IdOf(new Stamp(s_ticks, number))).ToHashSet(StringComparer.Ordinal);

        Assert.Equal(300_000, ids.Count);
    }

    [Fact]
    public void An_id_has_the_form_of_a_version_7_uuid()
    {
        for (var number = 0L; number < 10_000; number++)
        {
            var id = new EventIdentity(9).IdOf(new Stamp(s_ticks, number * 1_000_003));
            Assert.True(Guid.TryParseExact(id, "D", out _));
            Assert.Equal('7', id[14]);
            Assert.Contains(id[19], "89ab");
        }
    }

    [Fact]
    public void An_id_begins_with_the_unix_milliseconds_of_its_event()
    {
        var id = new EventIdentity(9).IdOf(new Stamp(s_ticks, 5));

        var milliseconds = Convert.ToInt64(id[..13].Replace("-", "", StringComparison.Ordinal), 16);
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcTicks, s_ticks);
    }

    [Fact]
    public void Ids_are_in_the_order_of_time()
    {
        var identity = new EventIdentity(9);

        var ids = Enumerable.Range(0, 1000).Select(i => identity.IdOf(new Stamp(s_ticks + (i * TimeSpan.TicksPerMillisecond), 1000 - i))).ToList();

        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
    }
}
