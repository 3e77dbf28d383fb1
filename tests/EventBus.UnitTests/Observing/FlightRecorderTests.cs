using EventBus.Observing;
using EventBus.Timing;

namespace EventBus.UnitTests.Observing;

public sealed class FlightRecorderTests
{
    private const int Rounds = 100_000;

    [Fact]
    public void Whoever_is_held_up_puts_nothing_old_in_the_place_of_something_newer()
    {
        var metadata = new EventMetadata { Id = "1", Type = "placed", Time = DateTimeOffset.UnixEpoch, CorrelationId = "1", Subscription = "" };
        var recorder = new FlightRecorder(1, new Clock(TimeProvider.System));
        var wrong = 0;
        using var together = new Barrier(2, _ => wrong += recorder.Recorded > 0 && recorder.Entries[0].Number != recorder.Recorded ? 1 : 0);
        var threads = Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                together.SignalAndWait();
                recorder.NotAccepted(metadata);
            }
        })).ToList();

        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());

        Assert.Equal((0, 2L * Rounds), (wrong, recorder.Recorded));
    }
}
