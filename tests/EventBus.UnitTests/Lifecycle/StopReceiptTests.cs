namespace EventBus.UnitTests.Lifecycle;

public sealed class StopReceiptTests
{
    [Fact]
    public void As_text_its_columns_add_up_to_what_was_accepted()
    {
        var statistics = new SubscriptionStatistics { Accepted = 22, Handled = 10, Retried = 9, Duplicates = 1, Filtered = 2, Expired = 3, DeadLettered = 4, Dropped = 2 };
        var receipt = new StopReceipt
        {
            Subscriptions = [new("mail", statistics, []), new("stock", new SubscriptionStatistics { Accepted = 5, Handled = 3, Lag = 7 }, []) { Kept = 2 }],
            StillScheduled = [],
            Elapsed = TimeSpan.FromMilliseconds(1500),
        };

        Assert.Equal(
            """
            subscription   accepted    handled    retried  duplicate   filtered    expired       dead    dropped       kept     unread
            mail                 22         10          9          1          2          3          4          2          0          0
            stock                 5          3          0          0          0          0          0          0          2          7
            still scheduled: 0; stopped in 1.500 s
            """,
            receipt.ToString(),
            ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void As_text_it_has_no_column_of_zeros_and_fits_a_terminal_of_80_columns_when_all_was_handled()
    {
        var receipt = new StopReceipt
        {
            Subscriptions = [new("mail", new SubscriptionStatistics { Accepted = 3, Handled = 3 }, []), new("stock", new SubscriptionStatistics(), [])],
            StillScheduled = [],
            Elapsed = TimeSpan.FromMilliseconds(20),
        };

        Assert.Equal(
            """
            subscription   accepted    handled
            mail                  3          3
            stock                 0          0
            still scheduled: 0; stopped in 0.020 s
            """,
            receipt.ToString(),
            ignoreLineEndingDifferences: true);
    }
}
