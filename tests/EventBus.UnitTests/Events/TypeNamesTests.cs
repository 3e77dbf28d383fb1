using System.Text.RegularExpressions;
using EventBus.Events;

namespace EventBus.UnitTests.Events;

public sealed partial class TypeNamesTests
{
    public static TheoryData<Type> Generic =>
    [
        typeof(Changed<Order>),
        typeof(Changed<string>),
        typeof(Changed<Order[]>),
        typeof(Changed<Order[,]>),
        typeof(Changed<Order[][]>),
        typeof(Changed<Changed<Order>>),
        typeof(Changed<Changed<Order>[]>),
        typeof(Moved<Order, Changed<int>>.To<Order>),
        typeof(Moved<Order, int>.To<string>),
        typeof(List<KeyValuePair<Guid, Dictionary<string, Order?>>>),
        typeof(Changed<(int A, string B)>),
        typeof(Changed<int?>),
    ];

    [Theory]
    [MemberData(nameof(Generic))]
    public void A_name_has_no_assembly_and_the_long_form_with_any_assembly_is_read_as_it(Type type)
    {
        var name = TypeNames.Of(type);
        var full = type.FullName!;

        Assert.DoesNotContain("Version=", name, StringComparison.Ordinal);
        Assert.True(TypeNames.HasLongForm(name));
        Assert.Equal(name, TypeNames.FromLongForm(full));
        Assert.Equal(name, TypeNames.FromLongForm(Assembly().Replace(full, ", Some.Other-Module, Version=99.0.1.2, Culture=de-AT, PublicKeyToken=0123456789abcdef")));
        Assert.Equal(name, TypeNames.FromLongForm(Assembly().Replace(full, ", Short")));
        Assert.Null(TypeNames.FromLongForm(name));
    }

    [Theory]
    [MemberData(nameof(Generic))]
    public void A_long_form_that_is_cut_anywhere_is_no_name_and_ends(Type type)
    {
        var full = type.FullName!;

        for (var length = 0; length < full.Length; length++)
        {
            if (TypeNames.FromLongForm(full[..length]) is { } name)
                Assert.NotEqual(TypeNames.Of(type), name);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("order-placed")]
    [InlineData("Shop.OrderPlaced")]
    [InlineData("Shop.Changed`1[Shop.Order]")]
    [InlineData("a[[")]
    [InlineData("a[[b")]
    [InlineData("a[[b]")]
    [InlineData("a[[b,c")]
    [InlineData("a[[b, c]]d]")]
    [InlineData("a[[b, c]x]")]
    public void Any_other_name_is_no_long_form(string name) => Assert.Null(TypeNames.FromLongForm(name));

    [Fact]
    public void A_plain_type_has_the_name_that_it_always_had()
    {
        Assert.Equal(typeof(Order).FullName, TypeNames.Of(typeof(Order)));
        Assert.Equal("System.String", TypeNames.Of(typeof(string)));
        Assert.Equal(typeof(Order[]).FullName, TypeNames.Of(typeof(Order[])));
    }

    [GeneratedRegex(@", [A-Za-z.]+, Version=[0-9.]+, Culture=[a-z]+, PublicKeyToken=[0-9a-z]+")]
    private static partial Regex Assembly();

    internal sealed record Order;

    internal sealed record Changed<T>;

    internal static class Moved<TFrom, TTo>
    {
        internal sealed record To<T>;
    }
}
