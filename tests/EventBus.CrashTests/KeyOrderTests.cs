using EventBus.CrashTests.History;

namespace EventBus.CrashTests;

/// <summary>The judge of order: histories of one key that it must accept, and histories that it must refuse.</summary>
public sealed class KeyOrderTests
{
    /// <summary>Each history is a list of lives, and each life the sequences that it handled; "|" begins a replay, "x" marks what has left its order.</summary>
    public static TheoryData<string, string> Right { get; } = new()
    {
        { "nothing was handled", "" },
        { "one life, in order", "1 2 3" },
        { "the last events are repeated after a crash, in order", "1 2 3 / 2 3" },
        { "everything is repeated after each crash", "1 2 / 1 2 3 / 1 2 3 4" },
        { "a life begins anew and dies before it comes to the newest, the next one comes to it", "1 2 3 / 1 / 2 3" },
        { "a life that handles nothing stands between", "1 2 / / 2 3" },
        { "a replay begins a new judgement in the same life", "1 2 3 | 1 2 3" },
        { "two replays", "1 2 | 1 | 1 2 3" },
        { "a replay that a crash cuts short", "1 2 3 | 1 / 2 3" },
        { "what was dead-lettered may come late", "1 3 x2" },
    };

    public static TheoryData<string, string, string> Wrong { get; } = new()
    {
        { "the older one comes later, at first", "2 1 2", "went back in one life: '0: 2' and then '0: 1'" },
        { "the older one comes later, again: each was handled first in order", "1 2 / 2 1", "went back in one life: '1: 2' and then '1: 1'" },
        { "a waiting retry passes an event whose settlement was lost", "1 / 3 2", "went back in one life: '1: 3' and then '1: 2'" },
        { "one life handles the newest, the next one only an older one", "1 2 3 / 2", "was left at '1: 2', and its newest event is 3" },
        { "the newest was never handled", "1 2 / 1 2 !3", "was left at '1: 2', and its newest event is 3" },
        { "a replay ends before the newest", "1 2 3 | 1 2", "was left at '0: 2', and its newest event is 3" },
        { "a replay goes back once more", "1 2 3 | 2 1 3", "went back in one life: '0: 2' and then '0: 1'" },
        { "the newest was dead-lettered, and the one before it is not the last", "1 2 1 x3", "was left at '0: 1', and its newest event is 2" },
    };

    [Theory]
    [MemberData(nameof(Right))]
    public void A_right_history_passes(string story, string history)
    {
        var (handlings, newest) = Read(history);

        Assert.True(!KeyOrder.Check(handlings, newest).Any(), story);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_wrong_history_is_refused(string story, string history, string violation)
    {
        var (handlings, newest) = Read(history);

        Assert.True(KeyOrder.Check(handlings, newest).Contains(violation), $"{story}: {string.Join("; ", KeyOrder.Check(handlings, newest))}");
    }

    private static (List<KeyHandling> Handlings, long? Newest) Read(string history)
    {
        var handlings = new List<KeyHandling>();
        long? newest = null;
        var lives = history.Split('/');
        for (var life = 0; life < lives.Length; life++)
        {
            var judgement = 0;
            foreach (var word in lives[life].Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (word == "|")
                    judgement++;
                else if (word[0] == '!')
                    newest = word[1] - '0';
                else if (word[0] != 'x')
                    handlings.Add(new(life, word[0] - '0', judgement));
            }
        }

        return (handlings, newest);
    }
}
