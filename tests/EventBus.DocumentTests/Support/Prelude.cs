namespace EventBus.DocumentTests.Support;

/// <summary>What the documents' code blocks take for granted. A block that declares the same name itself goes before it.</summary>
internal static class Prelude
{
    public const string Code = """
        global using EventBus;
        global using EventBus.Storage;
        global using EventBus.StoreContract;
        global using EventBus.Testing;
        global using System.Diagnostics;
        global using System.Net.Http;
        global using System.Text.Json;
        global using System.Text.Json.Serialization;
        global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.Hosting;
        global using Microsoft.Extensions.Logging;
        global using OpenTelemetry.Metrics;
        global using OpenTelemetry.Trace;
        global using Prelude;
        global using static Prelude.Variables;

        namespace Prelude;

        public interface IOrderEvent { string Number { get; } }
        public record OrderPlaced(string Number, string StockCode, decimal Total) : IOrderEvent;
        public record OrderCancelled(string Number, string StockCode) : IOrderEvent;
        public record PaymentTaken(string Number, decimal Amount) : IOrderEvent;
        public record ReminderDue(string Number);

        public interface IMailer { ValueTask SendAsync(string text, CancellationToken cancellationToken); }
        public class PaymentDeclinedException : Exception;

        public class SendReceipt : IEventHandler<OrderPlaced>
        {
            public ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken) => default;
        }

        public class ReserveStock : IEventHandler<OrderPlaced>
        {
            public ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken) => default;
        }

        public class AuditTrail : IEventHandler<IOrderEvent>
        {
            public ValueTask HandleAsync(IOrderEvent order, EventContext context, CancellationToken cancellationToken) => default;
        }

        public class StockProjection : IEventHandler<OrderPlaced>, IEventHandler<OrderCancelled>
        {
            public ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken) => default;
            public ValueTask HandleAsync(OrderCancelled order, EventContext context, CancellationToken cancellationToken) => default;
        }

        public static class Variables
        {
            public static IServiceCollection services = null!;
            public static IServiceProvider provider = null!;
            public static IEventBus bus = null!;
            public static IEventPublisher publisher = null!;
            public static ISubscription subscription = null!;
            public static IReadOnlyDictionary<string, string?> configuration = null!;
            public static OrderPlaced order = null!;
            public static IReadOnlyList<OrderPlaced> orders = null!;
            public static CancellationToken cancellationToken;
        }
        """;
}
