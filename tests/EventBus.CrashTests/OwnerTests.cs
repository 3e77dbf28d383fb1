using EventBus.CrashChild;
using EventBus.CrashTests.Support;

namespace EventBus.CrashTests;

public sealed class OwnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_second_process_is_refused_while_the_first_lives_and_gets_the_file_when_it_was_killed()
    {
        var life = new Life { File = _folder.File(), Does = Deed.Publish };
        using var first = Child.Start(life);
        await first.ReadToAsync("started");
        first.Say("publish 0 5");
        await first.ReadToAsync("did");

        using var second = Child.Start(life);
        var refusal = await second.ReadAllAsync();
        Assert.Equal(3, await second.ExitAsync());
        Assert.StartsWith($"refused The event log '{_folder.File()}' is in use: another process", Assert.Single(refusal));
        first.Say("publish 5 6");
        Assert.Contains("ack 1-5", await first.ReadToAsync("did"));
        first.Kill();
        Assert.Equal(Child.Killed, await first.ExitAsync());

        using var third = Child.Start(life);
        await third.ReadToAsync("started");
        third.Say("publish 6 7");
        Assert.Contains("ack 1-6", await third.ReadToAsync("did"));
        third.Finish();
        Assert.Equal(0, await third.ExitAsync());
    }

    public void Dispose() => _folder.Dispose();
}
