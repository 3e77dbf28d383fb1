namespace EventBus.DependencyInjection;

/// <summary>A middleware that refuses events that are not valid.</summary>
internal static class Validation
{
    public static Middleware Of<TEvent>(Func<TEvent, string?> mistake)
        where TEvent : notnull =>
        new MiddlewareLambda<TEvent>(
            (@event, context, next, token) => mistake(@event) is { } wrong
                ? throw new InvalidEventException($"Event '{context.Type}' is not valid: {wrong}")
                : next.HandleAsync(@event, context, token));
}
