using Check = EventBus.Analyzers.Tests.Support.CheckWithFix<EventBus.Analyzers.Registration.UnnamedDurableAnalyzer, EventBus.CodeFixes.NameDurableFix>;

namespace EventBus.Analyzers.Tests.Registration;

public sealed class UnnamedDurableFixTests
{
    [Theory]
    [InlineData("bus.AddHandler<OrderPlaced, ReserveStock>(s => s.{|EB0004:Durable|}());", "bus.AddHandler<OrderPlaced, ReserveStock>(s => s.Named(\"reserve-stock\").Durable());")]
    [InlineData("bus.AddHandler(new ReserveStock(), s => { s.{|EB0004:Durable|}(); });", "bus.AddHandler(new ReserveStock(), s => { s.Named(\"reserve-stock\").Durable(); });")]
    [InlineData("bus.Handle<OrderPlaced>((order, context, token) => default, s => s.{|EB0004:Durable|}());", "bus.Handle<OrderPlaced>((order, context, token) => default, s => s.Named(\"order-placed\").Durable());")]
    public Task It_is_named_after_its_handler(string statement, string expected) => Check.FixesAsync(UnnamedDurableTests.In(statement), UnnamedDurableTests.In(expected));

    [Fact]
    public Task A_chain_over_several_lines_keeps_its_lines() => Check.FixesAsync(
        UnnamedDurableTests.In("""
            bus.AddHandler<OrderPlaced, ReserveStock>(s => s
                .OrderedBy(order => order.Number)
                .{|EB0004:Durable|}()
                .Concurrency(2));
            """),
        UnnamedDurableTests.In("""
            bus.AddHandler<OrderPlaced, ReserveStock>(s => s
                .OrderedBy(order => order.Number).Named("reserve-stock")
                .Durable()
                .Concurrency(2));
            """));

    [Theory]
    [InlineData("ReserveStock", "reserve-stock")]
    [InlineData("SendSMSNow", "send-sms-now")]
    [InlineData("HTTPLog", "http-log")]
    [InlineData("Step2Done", "step2-done")]
    [InlineData("Write_Audit", "write_audit")]
    public Task The_words_of_a_name_are_parted_by_hyphens(string handler, string name) => Check.FixesAsync(Named(handler, "s.{|EB0004:Durable|}()"), Named(handler, $"s.Named(\"{name}\").Durable()"));

    [Fact]
    public Task A_name_that_a_subscription_may_not_have_is_not_offered() => Check.OffersNothingAsync(Named("Prüfung", "s.{|EB0004:Durable|}()"));

    private static string Named(string handler, string settings) => $$"""
        class {{handler}} : IEventHandler<OrderPlaced>
        {
            public ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken) => default;
        }

        static class Setup
        {
            static void Add(EventBusBuilder bus) => bus.AddHandler<OrderPlaced, {{handler}}>(s => {{settings}});
        }
        """;
}
