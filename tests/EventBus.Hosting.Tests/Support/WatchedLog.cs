using System.Reflection;
using System.Runtime.ExceptionServices;
using EventBus.Storage;

namespace EventBus.Hosting.Tests.Support;

/// <summary>A log in memory of which a test is told each call before it is made, and which fails where the test throws.</summary>
internal class WatchedLog : DispatchProxy
{
    private object _inner = null!;
    private Action<string> _before = null!;

    /// <param name="before">Gets the name of the member of <see cref="IEventLog"/> or <see cref="ILogTransaction"/>.</param>
    public static IEventLog Create(Action<string> before) => Around<IEventLog>(new InMemoryEventLog(), before);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        _before(targetMethod!.Name);
        try
        {
            var result = targetMethod.Invoke(_inner, args);
            return result is ILogTransaction transaction ? Around(transaction, _before) : result;
        }
        catch (TargetInvocationException error)
        {
            ExceptionDispatchInfo.Throw(error.InnerException!);
            throw;
        }
    }

    private static T Around<T>(T inner, Action<string> before)
        where T : class
    {
        var proxy = Create<T, WatchedLog>();
        var watched = (WatchedLog)(object)proxy;
        watched._inner = inner;
        watched._before = before;
        return proxy;
    }
}
