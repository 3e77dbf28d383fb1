namespace EventBus.AllocationTests;
public class PlaceholderTests { [Fact] public void Placeholder() { } }
