using EventBus.Idempotency;
using EventBus.Storage;

namespace EventBus.UnitTests.Idempotency;

public sealed class ClaimTableTests
{
    [Fact]
    public void It_finds_what_a_plain_dictionary_would()
    {
        var random = new Random(7);
        var table = new ClaimTable();
        var claims = new Dictionary<IdempotencyKey, long>();

        for (var i = 0; i < 50_000; i++)
        {
            var key = new IdempotencyKey("s", $"{random.Next(60)}");
            var hash = key.Key[^1];
            ref var claim = ref table.Find(key, hash, out var exists);
            Assert.Equal(claims.TryGetValue(key, out var token), exists);
            if (!exists)
            {
                claims.Add(key, table.Add(key, hash, until: i));
                continue;
            }

            Assert.Equal(token, claim.Token);
            if (random.Next(3) == 0)
            {
                claims[key] = table.Pass(ref claim, until: i);
                table.Find(token, key, out var isOwned);
                Assert.False(isOwned);
                continue;
            }

            table.Remove(table.Find(token, key, out _));
            claims.Remove(key);
            table.Find(token, key, out var isStillOwned);
            Assert.False(isStillOwned);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public void A_token_that_was_never_given_owns_nothing(long token)
    {
        var table = new ClaimTable();
        table.Add(new("s", "k"), 1, until: 1);

        table.Find(token, new("s", "k"), out var isOwned);

        Assert.False(isOwned);
    }
}
