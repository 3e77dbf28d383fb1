using EventBus.Handling;
using EventBus.Lifecycle;
using EventBus.Observing;

namespace EventBus.DependencyInjection;

/// <summary>What a test puts around a bus: it chooses what the bus is made of, looks on, and steps in where handlers are called.</summary>
internal interface IBusHarness : IBusObserver
{
    /// <summary>Changes what was registered, before anything is built from it.</summary>
    void Prepare(Registrations registrations, IServiceProvider services);

    /// <summary>The bus is built, and nothing has happened in it.</summary>
    void Built(Bus bus);

    /// <summary>Puts stages around the call of a handler: they run once for each attempt.</summary>
    AttemptStage<T> AroundCall<T>(SubscriptionSettings settings, AttemptStage<T> call);

    /// <summary>Puts stages around all others of a subscription.</summary>
    AttemptStage<T> AroundDelivery<T>(SubscriptionSettings settings, AttemptStage<T> pipeline);
}
