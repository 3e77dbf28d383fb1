using System.Reflection;
using EventBus.Observing;
using Microsoft.Extensions.Logging;

namespace EventBus.UnitTests.Observing;

public sealed class LogMessagesTests
{
    private static readonly IReadOnlyList<LoggerMessageAttribute> s_messages =
        [.. typeof(LogMessages).GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic).Select(static method => method.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>()];

    private static readonly FieldInfo[] s_ids = typeof(LogEventIds).GetFields(BindingFlags.Static | BindingFlags.Public);

    [Fact]
    public void Every_number_is_given_once() => Assert.Equal(s_ids.Length, s_ids.Select(static id => id.GetRawConstantValue()).Distinct().Count());

    [Fact]
    public void Every_message_has_a_number_of_its_own_and_every_number_its_message() =>
        Assert.Equal(s_ids.Select(static id => (int)id.GetRawConstantValue()!).Order(), s_messages.Select(static message => message.EventId).Order());

    [Fact]
    public void Every_message_is_called_as_its_number_is()
    {
        var names = s_ids.ToDictionary(static id => (int)id.GetRawConstantValue()!, static id => id.Name);
        var methods = typeof(LogMessages).GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(static method => (method.Name, Message: method.GetCustomAttribute<LoggerMessageAttribute>()))
            .Where(static method => method.Message is not null);

        Assert.All(methods, method => Assert.Equal(names[method.Message!.EventId], method.Name));
    }

    [Fact]
    public void No_message_takes_an_event() =>
        Assert.All(
            typeof(LogMessages).GetMethods(BindingFlags.Static | BindingFlags.Public).SelectMany(static method => method.GetParameters()),
            static parameter => Assert.NotEqual(typeof(object), parameter.ParameterType));

    [Fact]
    public void No_message_uses_the_name_that_logging_providers_own() =>
        Assert.All(s_messages, static message => Assert.DoesNotContain("{EventId}", message.Message, StringComparison.Ordinal));
}
