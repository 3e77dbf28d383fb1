using EventBus;

namespace Shop.Web.Payments;

/// <summary>Takes money.</summary>
public interface IPayments
{
    /// <exception cref="DoNotRetryException">The payment is declined, and would be again.</exception>
    ValueTask TakeAsync(string order, decimal amount, CancellationToken cancellationToken);
}

/// <summary>Stands for a payment provider: it takes anything up to a limit.</summary>
public sealed class CardPayments : IPayments
{
    public const decimal Limit = 1_000m;

    public ValueTask TakeAsync(string order, decimal amount, CancellationToken cancellationToken) =>
        amount <= Limit ? ValueTask.CompletedTask : throw new DoNotRetryException($"The payment of order {order} is above the limit.");
}
