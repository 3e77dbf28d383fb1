namespace EventBus;

/// <summary>Why a delivery was given up.</summary>
public enum DeadLetterReason
{
    /// <summary>The retry policy's attempts are used up (Service Bus: <c>MaxDeliveryCountExceeded</c>).</summary>
    MaxAttemptsExceeded,

    /// <summary>The retry policy's total time is used up.</summary>
    RetryTimeExceeded,

    /// <summary>The retry policy does not retry this exception.</summary>
    NotRetried,

    /// <summary>The handler threw a <see cref="DoNotRetryException"/>, alone or inside an <see cref="AggregateException"/>.</summary>
    RefusedByHandler,

    /// <summary>Durable only: the stored bytes could not be turned into an event. The bytes are kept, and the description says what is wrong.</summary>
    Unreadable,
}
