namespace EventBus.Telemetry.Tests.Support;

[EventType("order-placed")]
public sealed record OrderPlaced(string Number, string Card = "");

[EventType("payment-taken")]
public sealed record PaymentTaken(string Number);
