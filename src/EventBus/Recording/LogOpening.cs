namespace EventBus.Storage;

/// <summary>What a log tells when it is opened.</summary>
/// <param name="Head">The greatest sequence ever given; 0 for none.</param>
/// <param name="WasClosed">Whether whoever had it before closed it: if not, a process died or was fenced off, and deliveries may have been under way.</param>
public sealed record LogOpening(long Head, bool WasClosed);
