namespace EventBus.UnitTests;
public class PlaceholderTests { [Fact] public void Placeholder() { } }
