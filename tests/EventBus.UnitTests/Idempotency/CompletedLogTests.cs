using EventBus.Idempotency;
using EventBus.Storage;

namespace EventBus.UnitTests.Idempotency;

public sealed class CompletedLogTests
{
    private const long Forever = long.MaxValue;

    [Fact]
    public void Keys_of_one_hash_are_told_apart()
    {
        var log = new CompletedLog(capacity: 100);

        for (var i = 0; i < 100; i++)
            log.Add(new("s", $"{i}"), hash: 7, Forever, now: 0);

        for (var i = 0; i < 100; i++)
            Assert.True(log.Contains(new("s", $"{i}"), 7, now: 0));
        Assert.False(log.Contains(new("s", "100"), 7, now: 0));
        Assert.False(log.Contains(new("other", "1"), 7, now: 0));
    }

    [Fact]
    public void It_remembers_what_a_plain_list_would()
    {
        const int Capacity = 50;
        var random = new Random(42);
        var log = new CompletedLog(Capacity);
        var list = new List<(IdempotencyKey Key, long Until)>();

        for (var now = 0L; now < 20_000; now++)
        {
            var key = new IdempotencyKey("s", $"{random.Next(100)}");
            var hash = key.Key[^1] % 3 * 16;
            Assert.Equal(list.Exists(entry => entry.Key == key && entry.Until > now), log.Contains(key, hash, now));
            if (log.Contains(key, hash, now))
                continue;
            var until = now + random.Next(1, 200);
            list.Add((key, until));
            var early = 0;
            while (list.Count > 0 && (list[0].Until <= now || list.Count > Capacity))
            {
                early += list[0].Until > now ? 1 : 0;
                list.RemoveAt(0);
            }

            Assert.Equal(early, log.Add(key, hash, until, now));
            Assert.Equal(list.Count, log.Count);
        }
    }
}
