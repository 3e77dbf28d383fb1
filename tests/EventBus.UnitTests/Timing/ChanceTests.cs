using EventBus.Timing;

namespace EventBus.UnitTests.Timing;

public sealed class ChanceTests
{
    [Fact]
    public void The_same_seed_gives_the_same_numbers()
    {
        var (first, second) = (new Chance(7), new Chance(7));

        for (var i = 0; i < 1000; i++)
            Assert.Equal(first.NextBits(), second.NextBits());
    }

    [Fact]
    public void Another_seed_and_no_seed_give_other_numbers()
    {
        var numbers = new[] { new Chance(7), new Chance(8), new Chance(null), new Chance(null) }.Select(static chance => chance.NextBits());

        Assert.Equal(4, numbers.Distinct().Count());
    }

    [Fact]
    public void The_numbers_are_those_of_the_published_algorithm()
    {
        // Source: the reference implementation of SplitMix64, Sebastiano Vigna, seed 1234567.
        var chance = new Chance(1234567);

        ulong[] numbers = [chance.NextBits(), chance.NextBits(), chance.NextBits(), chance.NextBits(), chance.NextBits()];

        Assert.Equal([6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821], numbers);
    }

    [Fact]
    public void Fractions_are_spread_from_0_up_to_1()
    {
        var chance = new Chance(7);

        var numbers = Enumerable.Range(0, 100_000).Select(_ => chance.NextDouble()).ToList();

        Assert.All(numbers, static number => Assert.True(number is >= 0 and < 1));
        Assert.InRange(numbers.Average(), 0.49, 0.51);
        Assert.All(numbers.GroupBy(static number => (int)(number * 10)), static tenth => Assert.InRange(tenth.Count(), 9_500, 10_500));
    }

    [Fact]
    public async Task Threads_that_draw_at_once_never_get_the_same_number()
    {
        var chance = new Chance(7);

        var drawn = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 50_000).Select(_ => chance.NextBits()).ToList())));

        Assert.Equal(200_000, drawn.SelectMany(static numbers => numbers).Distinct().Count());
    }
}
