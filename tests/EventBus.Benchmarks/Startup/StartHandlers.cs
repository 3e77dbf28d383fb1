using EventBus.Benchmarks.Support;

namespace EventBus.Benchmarks.Startup;

internal interface IRegistration
{
    void Add<THandler>()
        where THandler : class, IEventHandler<Fact>;
}

/// <summary>A hundred handler classes: one for each pair of digits.</summary>
internal sealed class StartHandler<TTens, TOnes> : IEventHandler<Fact>
{
    public ValueTask HandleAsync(Fact @event, EventContext context, CancellationToken cancellationToken)
    {
        Handled.Count();
        return default;
    }
}

internal static class StartHandlers
{
    /// <summary>Registers one handler class, or all hundred.</summary>
    public static void AddTo(IRegistration registration, int handlers)
    {
        if (handlers == 1)
            registration.Add<StartHandler<D0, D0>>();
        else
            AddAll(registration);
    }

    private static void AddAll(IRegistration registration)
    {
        AddTens<D0>(registration);
        AddTens<D1>(registration);
        AddTens<D2>(registration);
        AddTens<D3>(registration);
        AddTens<D4>(registration);
        AddTens<D5>(registration);
        AddTens<D6>(registration);
        AddTens<D7>(registration);
        AddTens<D8>(registration);
        AddTens<D9>(registration);
    }

    private static void AddTens<TTens>(IRegistration registration)
    {
        registration.Add<StartHandler<TTens, D0>>();
        registration.Add<StartHandler<TTens, D1>>();
        registration.Add<StartHandler<TTens, D2>>();
        registration.Add<StartHandler<TTens, D3>>();
        registration.Add<StartHandler<TTens, D4>>();
        registration.Add<StartHandler<TTens, D5>>();
        registration.Add<StartHandler<TTens, D6>>();
        registration.Add<StartHandler<TTens, D7>>();
        registration.Add<StartHandler<TTens, D8>>();
        registration.Add<StartHandler<TTens, D9>>();
    }

    private sealed class D0;
    private sealed class D1;
    private sealed class D2;
    private sealed class D3;
    private sealed class D4;
    private sealed class D5;
    private sealed class D6;
    private sealed class D7;
    private sealed class D8;
    private sealed class D9;
}

/// <summary>Counts the handlers of the one event.</summary>
internal static class Handled
{
    private static readonly TaskCompletionSource s_all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private static int s_left;

    public static Task ByAll => s_all.Task;

    public static void Expect(int handlers) => s_left = handlers;

    public static void Count()
    {
        if (Interlocked.Decrement(ref s_left) == 0)
            s_all.SetResult();
    }
}
