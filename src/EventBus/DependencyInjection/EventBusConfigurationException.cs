namespace EventBus;

/// <summary>The bus is configured wrongly. The message names every mistake, not only the first.</summary>
public sealed class EventBusConfigurationException : Exception
{
    /// <summary>Creates the exception.</summary>
    public EventBusConfigurationException()
        : this([])
    {
    }

    /// <summary>Creates the exception.</summary>
    public EventBusConfigurationException(string message)
        : this([message])
    {
    }

    /// <summary>Creates the exception.</summary>
    public EventBusConfigurationException(string message, Exception? innerException)
        : base(message, innerException) =>
        Errors = [message];

    /// <summary>Creates the exception from all mistakes.</summary>
    public EventBusConfigurationException(IReadOnlyList<string> errors)
        : base($"The event bus cannot be built:{string.Concat(errors.Select(static error => $"{Environment.NewLine}- {error}"))}") =>
        Errors = errors;

    /// <summary>The mistakes.</summary>
    public IReadOnlyList<string> Errors { get; }
}
