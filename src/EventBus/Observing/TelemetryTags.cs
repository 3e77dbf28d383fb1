namespace EventBus.Observing;

/// <summary>The names of tags, and their values that never change. Those of OpenTelemetry's conventions as they stand there, the bus's own with its name before them.</summary>
internal static class TelemetryTags
{
    public const string System = "messaging.system";
    public const string OperationName = "messaging.operation.name";
    public const string OperationType = "messaging.operation.type";
    public const string Destination = "messaging.destination.name";
    public const string Subscription = "messaging.destination.subscription.name";
    public const string MessageId = "messaging.message.id";
    public const string ConversationId = "messaging.message.conversation_id";
    public const string BatchCount = "messaging.batch.message_count";
    public const string ErrorType = "error.type";
    public const string Bus = "eventbus.name";
    public const string Outcome = "eventbus.outcome";
    public const string Reason = "eventbus.reason";
    public const string Attempt = "eventbus.attempt";
    public const string Sequence = "eventbus.sequence";
    public const string IsReplay = "eventbus.is_replay";

    public const string ThisSystem = "eventbus";

    public const string Process = "process";

    /// <summary>What the conventions ask of a measurement of any operation, for that of a handler.</summary>
    public static KeyValuePair<string, object?>[] OfProcessing => [Of(System, ThisSystem), Of(OperationName, Process)];

    public static KeyValuePair<string, object?> Of(string name, object? value) => new(name, value);

    /// <summary>What every span and measurement of an operation says.</summary>
    /// <param name="name">The operation.</param>
    /// <param name="eventType">The name of the event type.</param>
    /// <param name="bus">The bus.</param>
    /// <param name="more">What only some say.</param>
    public static KeyValuePair<string, object?>[] OfOperation(string name, string eventType, string bus, params KeyValuePair<string, object?>[] more) =>
        [Of(System, ThisSystem), Of(OperationName, name), Of(Destination, eventType), Of(Bus, bus), .. more];
}
