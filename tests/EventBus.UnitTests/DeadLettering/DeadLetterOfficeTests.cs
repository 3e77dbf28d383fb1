using EventBus.DeadLettering;
using EventBus.Storage;

namespace EventBus.UnitTests.DeadLettering;

public sealed class DeadLetterOfficeTests
{
    private readonly InMemoryDeadLetterStore _store = new();
    private readonly List<object> _redriven = [];
    private readonly DeadLetterOffice _office;
    private Func<DeadLetter, ValueTask> _redrive = static _ => default;

    public DeadLetterOfficeTests() => _office = new(_store, (letter, _) =>
    {
        _redriven.Add(letter.Event);
        return _redrive(letter);
    });

    [Fact]
    public async Task A_letter_is_out_of_its_store_before_it_is_delivered_again()
    {
        var id = await AddAsync("a");
        long? left = null;
        _redrive = async _ => left = await _office.CountAsync();

        Assert.True(await _office.RedriveAsync(id));

        Assert.Equal(0, left);
        Assert.Equal(["a"], _redriven);
    }

    [Fact]
    public async Task Of_two_redrives_at_once_one_delivers_the_letter()
    {
        var id = await AddAsync("a");
        var second = true;
        _redrive = async _ => second = await _office.RedriveAsync(id);

        Assert.True(await _office.RedriveAsync(id));

        Assert.False(second);
        Assert.Equal(["a"], _redriven);
    }

    [Fact]
    public async Task A_letter_that_nobody_has_is_not_redriven()
    {
        Assert.False(await _office.RedriveAsync(42));
        Assert.Empty(_redriven);
    }

    [Fact]
    public async Task A_letter_that_could_not_be_delivered_goes_back_under_its_own_id()
    {
        var id = await AddAsync("a");
        await AddAsync("b");
        _redrive = static _ => throw new OperationCanceledException();

        await Assert.ThrowsAsync<OperationCanceledException>(async () => await _office.RedriveAsync(id));

        Assert.Equal(["a", "b"], await EventsAsync());
        Assert.Equal(id, (await _office.ListAsync(count: 1))[0].Id);
    }

    [Fact]
    public async Task A_letter_that_its_store_does_not_take_back_is_named_with_both_failures()
    {
        var office = new DeadLetterOffice(new LosingStore(), static (_, _) => throw new EventBusStoppedException());

        var error = await Assert.ThrowsAsync<AggregateException>(async () => await office.RedriveAsync(7));

        Assert.Contains("Dead letter 7 of subscription 'audit', event '1',", error.Message, StringComparison.Ordinal);
        Assert.Equal([typeof(EventBusStoppedException), typeof(IOException)], error.InnerExceptions.Select(static inner => inner.GetType()));
    }

    [Fact]
    public async Task Letters_that_die_again_while_many_are_redriven_are_not_taken_a_second_time()
    {
        await AddAsync("a");
        await AddAsync("b");
        _redrive = async letter => await _store.AddAsync(letter, default);

        var count = await _office.RedriveAsync(new DeadLetterQuery());

        Assert.Equal(2, count);
        Assert.Equal(["a", "b"], _redriven);
        Assert.Equal(["a", "b"], await EventsAsync());
    }

    [Fact]
    public async Task A_redrive_of_many_that_fails_keeps_all_that_it_did_not_deliver()
    {
        foreach (var @event in new[] { "a", "b", "c" })
            await AddAsync(@event);
        _redrive = static letter => letter.Event is "b" ? throw new EventBusStoppedException() : default;

        await Assert.ThrowsAsync<EventBusStoppedException>(async () => await _office.RedriveAsync(new DeadLetterQuery()));

        Assert.Equal(["b", "c"], await EventsAsync());
    }

    [Fact]
    public async Task What_a_query_does_not_choose_is_neither_redriven_nor_purged()
    {
        await AddAsync("a", "stock");
        await AddAsync("b", "mail");
        await AddAsync("c", "audit");

        Assert.Equal(1, await _office.RedriveAsync(new DeadLetterQuery { Subscription = "stock" }));
        Assert.Equal(1, await _office.PurgeAsync(new DeadLetterQuery { Subscription = "mail" }));

        Assert.Equal(["a"], _redriven);
        Assert.Equal(["c"], await EventsAsync());
    }

    [Fact]
    public async Task All_letters_are_read_in_their_order_however_many_pages_they_take()
    {
        var numbers = Enumerable.Range(0, 250).ToList();
        foreach (var number in numbers)
            await AddAsync(number);

        Assert.Equal(numbers.Cast<object>(), await EventsAsync());
    }

    [Fact]
    public async Task A_page_holds_at_least_one_letter() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("count", async () => await _office.ListAsync(count: 0));

    private async Task<long> AddAsync(object @event, string subscription = "audit") => (await _store.AddAsync(Letters.Of(@event, subscription), default)).Kept.Id;

    private async Task<List<object>> EventsAsync()
    {
        var events = new List<object>();
        await foreach (var letter in _office.AllAsync())
            events.Add(letter.Event);
        return events;
    }

    /// <summary>A store that gives a letter away and does not take it back.</summary>
    private sealed class LosingStore : IDeadLetterStore
    {
        public ValueTask<DeadLetter?> RemoveAsync(long id, CancellationToken cancellationToken) => new(Letters.Of("a") with { Id = id });

        public ValueTask RestoreAsync(DeadLetter letter, CancellationToken cancellationToken) => throw new IOException("The disk is full.");

        public ValueTask<DeadLetterAddition> AddAsync(DeadLetter letter, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<DeadLetter>> ListAsync(DeadLetterQuery query, long afterId, int count, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<long> CountAsync(DeadLetterQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
