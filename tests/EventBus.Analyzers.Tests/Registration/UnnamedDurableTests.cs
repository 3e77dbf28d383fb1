using Check = EventBus.Analyzers.Tests.Support.Check<EventBus.Analyzers.Registration.UnnamedDurableAnalyzer>;

namespace EventBus.Analyzers.Tests.Registration;

public sealed class UnnamedDurableTests
{
    [Theory]
    [InlineData("bus.AddHandler<OrderPlaced, ReserveStock>(s => s.{|EB0004:Durable|}());")]
    [InlineData("bus.AddHandler<OrderPlaced, ReserveStock>(s => s.OrderedBy(order => order.Number).{|EB0004:Durable|}().Concurrency(2));")]
    [InlineData("bus.AddHandler<OrderPlaced, ReserveStock>(s => { s.Concurrency(2); s.{|EB0004:Durable|}(); });")]
    [InlineData("bus.AddHandler(new ReserveStock(), s => s.{|EB0004:Durable|}(LogPosition.Earliest));")]
    [InlineData("bus.Handle<OrderPlaced>((order, context, cancellationToken) => default, s => s.{|EB0004:Durable|}());")]
    [InlineData("bus.Handle<OrderPlaced, IMailer>((order, mailer, context, cancellationToken) => default, configure: s => s.{|EB0004:Durable|}());")]
    [InlineData("running.Subscribe<OrderPlaced>((order, context, cancellationToken) => default, s => s.{|EB0004:Durable|}());")]
    [InlineData("bus.AddHandler<OrderPlaced, ReserveStock>(s => { if (keep) s.{|EB0004:Durable|}(); });")]
    public Task A_durable_subscription_without_a_name_is_found(string statement) => Check.FindsAsync(In(statement));

    [Theory]
    [InlineData("bus.AddHandler<OrderPlaced, ReserveStock>(s => s.Named(\"reserve-stock\").Durable());")]
    [InlineData("bus.AddHandler<OrderPlaced, ReserveStock>(s => s.Durable().Concurrency(2).Named(\"reserve-stock\"));")]
    [InlineData("bus.AddHandler<OrderPlaced, ReserveStock>(s => { s.Durable(); s.Named(\"reserve-stock\"); });")]
    [InlineData("bus.AddHandler<OrderPlaced, ReserveStock>(s => { if (keep) s.Named(\"a\").Durable(); });")]
    [InlineData("bus.AddHandler<OrderPlaced, ReserveStock>(s => s.Durable().Inline());")]
    [InlineData("bus.AddHandler<OrderPlaced, ReserveStock>();")]
    [InlineData("bus.AddHandler<OrderPlaced, ReserveStock>(s => s.Concurrency(2));")]
    [InlineData("bus.AddHandler<OrderPlaced, ReserveStock>(Kept);")]
    [InlineData("bus.AddHandler<OrderPlaced, ReserveStock>(s => { s.Durable(); Kept(s); });")]
    [InlineData("bus.AddHandler<OrderPlaced, ReserveStock>(s => s.Durable().Ours());")]
    [InlineData("bus.AddHandler<OrderPlaced, ReserveStock>(s => s.Ours().Durable());")]
    [InlineData("bus.AddHandler<OrderPlaced, ReserveStock>(s => { var durable = s.Durable(); durable.Named(\"a\"); });")]
    [InlineData("bus.AddSubscription<ReserveStock>(\"stock\", s => s.Durable().On<OrderPlaced>());")]
    public Task What_has_a_name_or_may_have_one_is_as_it_should_be(string statement) => Check.FindsNothingAsync(In(statement));

    internal static string In(string statement) => $$"""
        class ReserveStock : IEventHandler<OrderPlaced>
        {
            public ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken) => default;
        }

        static class Setup
        {
            static void Add(EventBusBuilder bus, IEventBus running, bool keep)
            {
                {{statement}}
            }

            private static void Kept(SubscriptionBuilder<OrderPlaced> s) => s.Named("kept");

            private static SubscriptionBuilder<T> Ours<T>(this SubscriptionBuilder<T> s) where T : notnull => s.Named("ours");
        }
        """;
}
