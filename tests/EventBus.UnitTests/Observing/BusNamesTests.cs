using EventBus.Observing;

namespace EventBus.UnitTests.Observing;

public sealed class BusNamesTests
{
    [Fact]
    public void A_name_that_is_taken_gets_the_least_number_that_is_free()
    {
        string[] names = [BusNames.Take("names"), BusNames.Take("names"), BusNames.Take("names")];
        BusNames.Return(names[1]);
        var again = BusNames.Take("names");

        Assert.Equal(["names", "names-2", "names-3"], names);
        Assert.Equal("names-2", again);
        foreach (var name in names)
            BusNames.Return(name);
    }
}
