namespace EventBus.DependencyInjection;

/// <summary>What a test registers with a container, to have every bus of it under test.</summary>
internal interface IBusHarnesses
{
    /// <param name="key">The bus's key; none for the one without.</param>
    /// <param name="services">The container's services.</param>
    IBusHarness For(string? key, IServiceProvider services);
}
