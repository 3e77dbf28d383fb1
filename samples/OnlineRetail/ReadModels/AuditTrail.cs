using System.Collections.Concurrent;

namespace OnlineRetail.ReadModels;

/// <summary>Every line as the tills published it. Written from several tills at once, therefore concurrent.</summary>
public sealed class AuditTrail
{
    private readonly ConcurrentQueue<AuditEntry> _entries = new();

    public IReadOnlyCollection<AuditEntry> Entries => _entries;

    public void Add(AuditEntry entry) => _entries.Enqueue(entry);
}

/// <summary>A line of an invoice, and the till that published it.</summary>
public sealed record AuditEntry(string EventId, string InvoiceNo, int Line, string Till);
