using EventBus.Benchmarks.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.Benchmarks.Startup;

/// <summary>What the child process does: register, build, and have one event handled by all handlers.</summary>
internal static class FirstEvent
{
    public const string Argument = "--first-event";
    public const string OnContainer = "container";
    public const string OnBus = "bus";

    public static async Task RunAsync(string side, int handlers)
    {
        Handled.Expect(handlers);
        await using var provider = side == OnBus ? await PublishAsync(handlers) : await CallAsync(handlers);
        await Handled.ByAll;
        using (var output = Console.OpenStandardOutput())
            output.WriteByte((byte)'!');
        // The parent takes the time, and says when it has.
        using var input = Console.OpenStandardInput();
        input.ReadByte();
    }

    private static async Task<ServiceProvider> PublishAsync(int handlers)
    {
        var services = new ServiceCollection();
        services.AddEventBus(bus => StartHandlers.AddTo(new BusRegistration(bus), handlers));
        var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IEventPublisher>().PublishAsync(Fact.Instance);
        return provider;
    }

    private static async Task<ServiceProvider> CallAsync(int handlers)
    {
        var registration = new ContainerRegistration();
        StartHandlers.AddTo(registration, handlers);
        var provider = registration.Services.BuildServiceProvider();
        var context = EventContext.Create();
        foreach (var type in registration.Handlers)
        {
            await using var scope = provider.CreateAsyncScope();
            await ((IEventHandler<Fact>)scope.ServiceProvider.GetRequiredService(type)).HandleAsync(Fact.Instance, context, default);
        }

        return provider;
    }

    private sealed class BusRegistration(EventBusBuilder bus) : IRegistration
    {
        public void Add<THandler>()
            where THandler : class, IEventHandler<Fact> =>
            bus.AddHandler<Fact, THandler>();
    }

    private sealed class ContainerRegistration : IRegistration
    {
        public ServiceCollection Services { get; } = new();

        public List<Type> Handlers { get; } = [];

        public void Add<THandler>()
            where THandler : class, IEventHandler<Fact>
        {
            Services.AddScoped<THandler>();
            Handlers.Add(typeof(THandler));
        }
    }
}
