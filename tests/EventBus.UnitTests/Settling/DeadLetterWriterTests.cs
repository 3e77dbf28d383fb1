using EventBus.Observing;
using EventBus.Settling;
using EventBus.Storage;
using EventBus.Timing;
using EventBus.UnitTests.DeadLettering;
using EventBus.UnitTests.Support;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace EventBus.UnitTests.Settling;

public sealed class DeadLetterWriterTests
{
    private readonly LogLines _log = new();
    private readonly List<DeadLetter> _alerted = [];

    [Fact]
    public async Task Each_letter_that_had_to_go_is_counted_and_named()
    {
        var writer = Writer(new InMemoryDeadLetterStore(1));

        foreach (var subscription in new[] { "stock", "mail", "audit" })
            Assert.True(await writer.WriteAsync(Letters.Of("a", subscription), new()));

        Assert.Equal(2, writer.Evicted);
        Assert.Equal(["stock", "mail"], _log.Texts.Where(static text => text.Contains("lost the oldest", StringComparison.Ordinal)).Select(static text => text.Split("subscription ")[1].Split(',')[0]));
    }

    [Fact]
    public async Task A_store_that_answers_nothing_has_kept_the_letter()
    {
        var letter = Letters.Of("a");

        Assert.True(await Writer(Substitute.For<IDeadLetterStore>()).WriteAsync(letter, new()));

        Assert.Equal([letter], _alerted);
        Assert.Equal([LogEventIds.DeadLettered], _log.Ids);
    }

    [Fact]
    public async Task The_exception_is_logged_and_given_to_alerts_also_where_the_store_keeps_text_alone()
    {
        var error = new InvalidOperationException("broken");
        var store = Substitute.For<IDeadLetterStore>();
#pragma warning disable CA2012 // It sets the substitute up.
        store.AddAsync(default!, default).ReturnsForAnyArgs(static call => new(new DeadLetterAddition(call.Arg<DeadLetter>() with { Id = 7, Exception = null }, [])));
#pragma warning restore CA2012

        Assert.True(await Writer(store).WriteAsync(Letters.Of("a") with { Exception = error }, new()));

        Assert.Same(error, Assert.Single(_log.Errors));
        var alerted = Assert.Single(_alerted);
        Assert.Equal(7, alerted.Id);
        Assert.Same(error, alerted.Exception);
    }

    [Fact]
    public void A_letter_is_written_as_json_without_the_exception()
    {
        var letter = Letters.Of("a") with { Exception = new InvalidOperationException("broken") };

        var json = System.Text.Json.JsonSerializer.Serialize(letter);

        Assert.DoesNotContain("\"Exception\":", json, StringComparison.Ordinal);
        Assert.Contains("\"ExceptionText\":", json, StringComparison.Ordinal);
    }

    private DeadLetterWriter Writer(IDeadLetterStore store)
    {
        var clock = new Clock(new FakeTimeProvider());
        return new((letter, _) => store.AddAsync(letter, CancellationToken.None), Alerts.Of([Note], clock, _log), clock, _log);

        ValueTask Note(DeadLetter letter, CancellationToken cancellationToken)
        {
            _alerted.Add(letter);
            return default;
        }
    }
}
