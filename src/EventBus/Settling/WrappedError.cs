using System.Reflection;

namespace EventBus.Settling;

/// <summary>Looks into exceptions that only carry others: those of tasks that were waited for, and of methods that were called by reflection. What merely caused an
/// exception is not looked at: who wraps a failure in one of his own says something else by it.</summary>
internal static class WrappedError
{
    /// <summary>The first exception of a kind: this one, or one that it carries at any depth.</summary>
    public static T? Find<T>(Exception error)
        where T : Exception
    {
        if (error is T found)
            return found;
        return IsWrapper(error) ? Carried(error).OfType<T>().FirstOrDefault() : null;
    }

    /// <summary>The longest delay that a <see cref="RetryAfterException"/> asks for: this one, or those that it carries. None where there is none.</summary>
    public static TimeSpan? LongestDelay(Exception error)
    {
        if (error is RetryAfterException after)
            return after.Delay;
        return IsWrapper(error) ? Carried(error).OfType<RetryAfterException>().Max(static carried => (TimeSpan?)carried.Delay) : null;
    }

    /// <summary>Whether an exception is of a kind, or carries some of that kind and no others.</summary>
    public static bool IsOnly<T>(Exception error)
        where T : Exception
    {
        if (error is T)
            return true;
        if (!IsWrapper(error))
            return false;
        var any = false;
        foreach (var carried in Carried(error))
        {
            if (carried is not T)
                return false;
            any = true;
        }

        return any;
    }

    private static bool IsWrapper(Exception error) => error is AggregateException or TargetInvocationException;

    // Without recursion: the depth is the application's.
    private static IEnumerable<Exception> Carried(Exception error)
    {
        var left = new Queue<Exception>([error]);
        while (left.TryDequeue(out var next))
        {
            if (next is AggregateException several)
            {
                foreach (var inner in several.InnerExceptions)
                    left.Enqueue(inner);
            }
            else if (next is TargetInvocationException { InnerException: { } inner })
            {
                left.Enqueue(inner);
            }
            else
            {
                yield return next;
            }
        }
    }
}
