using System.Text;
using EventBus.Sqlite.Tests.Support;

namespace EventBus.Sqlite.Tests;

/// <summary>Text of user code that goes into the file. Whatever it is, it concerns its own delivery alone.</summary>
public sealed class OddTextTests : IDisposable
{
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    private readonly TemporaryFolder _folder = new();
    private readonly SemaphoreSlim _given = new(0);

    public static TheoryData<bool, string> Texts()
    {
        var cases = new TheoryData<bool, string>();
        foreach (var name in s_odd.Keys)
        {
            cases.Add(false, name);
            cases.Add(true, name);
        }

        return cases;
    }

    private static readonly Dictionary<string, Exception> s_odd = new()
    {
        ["null"] = new OddException(static () => null!, static () => null!),
        ["empty"] = new OddException(static () => "", static () => ""),
        ["huge"] = new OddException(static () => new string('m', 20_000_000), static () => new string('t', 20_000_000)),
        ["half a pair"] = new OddException(static () => "a\uD83Cb\uDF89", static () => "\uD83C"),
        ["NUL"] = new OddException(static () => "a\0b", static () => "\0"),
        ["throws"] = new OddException(static () => throw new InvalidOperationException("no message"), static () => throw new OddException(static () => null!, static () => null!)),
    };

    public void Dispose()
    {
        _folder.Dispose();
        _given.Dispose();
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task A_handlers_exception_of_any_text_becomes_a_dead_letter_that_says_something_and_the_log_goes_on(bool isDurable, string text)
    {
        await using var bus = Bus(isDurable, s_odd[text]);
        await bus.PublishAsync(1);
        await _given.WaitAsync().Soon();

        await bus.PublishAsync(2);
        await _given.WaitAsync().Soon();
        Assert.Null(bus.EventLog.Failure);
        await bus.StopAsync().AsTask().Soon();
        await bus.StartAsync();

        Assert.All(await bus.DeadLetters.ListAsync(), static letter =>
        {
            Assert.InRange(letter.Description.Length, 1, 4_096);
            Assert.InRange(letter.ExceptionText.Length, 1, 32_768);
            Assert.DoesNotContain('\0', letter.Description + letter.ExceptionText);
            s_strict.GetByteCount(letter.Description + letter.ExceptionText);
        });
    }

    private IEventBus Bus(bool isDurable, Exception error) => new EventBusBuilder()
        .UseSqlite($"Data Source={_folder.File()}")
        .OnDeadLetter((_, _) =>
        {
            _given.Release();
            return default;
        })
        .Handle<int>(
            (_, _, _) => throw error,
            s =>
            {
                s.Named("facts").Retry(RetryPolicy.None);
                if (isDurable)
                    s.Durable();
            })
        .Build();

    private sealed class OddException(Func<string> message, Func<string> text) : Exception
    {
        public override string Message => message();

        public override string ToString() => text();
    }
}
