namespace OnlineRetail.ReadModels;

/// <summary>An account per known customer. Written by a subscription of concurrency 1, so it needs no lock.</summary>
public sealed class Loyalty
{
    private readonly SortedDictionary<string, LoyaltyAccount> _accounts = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, LoyaltyAccount> Accounts => _accounts;

    public void Clear() => _accounts.Clear();

    public LoyaltyAccount Book(string customerId, decimal amount)
    {
        var account = _accounts.GetValueOrDefault(customerId, new LoyaltyAccount(0, 0m));
        return _accounts[customerId] = new LoyaltyAccount(account.Invoices + 1, account.Spent + amount);
    }
}

/// <param name="Invoices">Orders and cancellations.</param>
/// <param name="Spent">Net of cancellations, in pounds.</param>
public sealed record LoyaltyAccount(int Invoices, decimal Spent)
{
    /// <summary>A point for each whole pound.</summary>
    public long Points => Spent > 0 ? (long)decimal.Floor(Spent) : 0;
}
