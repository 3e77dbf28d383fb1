using EventBus.Storage;
using Microsoft.Extensions.Logging;

namespace EventBus;

/// <summary>Gives a bus its event log in an SQLite file.</summary>
public static class SqliteEventBusBuilderExtensions
{
    /// <summary>Keeps the event log in an SQLite file, and with it dead letters, the schedule, and what durable subscriptions have handled. The file is made, opened and locked when the bus
    /// starts, and let go when it stops.</summary>
    /// <param name="bus">The builder.</param>
    /// <param name="connectionString">As Microsoft.Data.Sqlite understands it, for example <c>Data Source=events.db</c>. It names a file.</param>
    /// <param name="configure">Changes the settings; called at once.</param>
    /// <returns>The builder, for chaining.</returns>
    /// <exception cref="ArgumentException">The connection string names no file that can hold a log, or a setting is out of bounds.</exception>
    public static EventBusBuilder UseSqlite(this EventBusBuilder bus, string connectionString, Action<SqliteEventLogOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(bus);
        var options = new SqliteEventLogOptions();
        configure?.Invoke(options);
        // A log that is not open holds nothing: what is wrong with it is said here, where it stands in the code.
        _ = new SqliteEventLog(connectionString, options);
        return bus.UseEventLog(services => new SqliteEventLog(connectionString, options, LoggerOf(services)));
    }

    /// <summary>As <see cref="UseSqlite(EventBusBuilder, string, Action{SqliteEventLogOptions})"/>, with the connection string from the container's services.</summary>
    /// <param name="bus">The builder.</param>
    /// <param name="connectionString">Reads the connection string; called when the bus is built.</param>
    /// <param name="configure">Changes the settings; called when the bus is built.</param>
    public static EventBusBuilder UseSqlite(this EventBusBuilder bus, Func<IServiceProvider, string> connectionString, Action<IServiceProvider, SqliteEventLogOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(bus);
        ArgumentNullException.ThrowIfNull(connectionString);
        return bus.UseEventLog(services =>
        {
            var options = new SqliteEventLogOptions();
            configure?.Invoke(services, options);
            return new SqliteEventLog(connectionString(services), options, LoggerOf(services));
        });
    }

    // The category of the bus: whoever listens to that hears the file too.
    private static ILogger? LoggerOf(IServiceProvider services) => ((ILoggerFactory?)services.GetService(typeof(ILoggerFactory)))?.CreateLogger("EventBus");
}
