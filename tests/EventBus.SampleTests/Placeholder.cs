namespace EventBus.SampleTests;
public class PlaceholderTests { [Fact] public void Placeholder() { } }
