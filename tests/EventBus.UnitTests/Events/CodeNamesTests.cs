using EventBus.Events;

namespace EventBus.UnitTests.Events;

public sealed class CodeNamesTests
{
    private const string Place = "EventBus.UnitTests.Events.CodeNamesTests";

    [Theory]
    [InlineData(typeof(string), "System.String", "String")]
    [InlineData(typeof(Order), $"{Place}+Order", "Order")]
    [InlineData(typeof(Changed<Order>), $"{Place}+Changed<{Place}+Order>", "Changed<Order>")]
    [InlineData(typeof(Changed<Changed<Order>>), $"{Place}+Changed<{Place}+Changed<{Place}+Order>>", "Changed<Changed<Order>>")]
    [InlineData(typeof(Pair<int, Order>), $"{Place}+Pair<System.Int32, {Place}+Order>", "Pair<Int32, Order>")]
    [InlineData(typeof(Changed<Order>[]), $"{Place}+Changed<{Place}+Order>[]", "Changed<Order>[]")]
    [InlineData(typeof(Pair<,>), $"{Place}+Pair<TFirst, TSecond>", "Pair<TFirst, TSecond>")]
    [InlineData(typeof(int[,]), "System.Int32[,]", "Int32[,]")]
    [InlineData(typeof(Outer<int>.One), $"{Place}+Outer+One<System.Int32>", "One<Int32>")]
    [InlineData(typeof(Outer<int>.Two), $"{Place}+Outer+Two<System.Int32>", "Two<Int32>")]
    [InlineData(typeof(Outer<int>.Of<Order>), $"{Place}+Outer+Of<System.Int32, {Place}+Order>", "Of<Int32, Order>")]
    public void A_type_is_named_as_code_would_write_it(Type type, string full, string shorter)
    {
        Assert.Equal(full, CodeNames.Full(type));
        Assert.Equal(shorter, CodeNames.Short(type));
    }

    internal sealed class Order;

    internal sealed class Changed<T>;

    internal sealed class Pair<TFirst, TSecond>;

    internal sealed class Outer<T>
    {
        internal sealed class One;

        internal sealed class Two;

        internal sealed class Of<TInner>;
    }
}
