using EventBus.Analyzers.Handling;
using EventBus.Analyzers.Tests.Support;
using Check = EventBus.Analyzers.Tests.Support.Check<EventBus.Analyzers.Handling.AsyncVoidAnalyzer>;

namespace EventBus.Analyzers.Tests.Handling;

public sealed class AsyncVoidTests
{
    [Fact]
    public Task An_async_void_method_of_a_handler_is_found() => Check.FindsAsync("""
        class SendReceipt(IMailer mailer) : IEventHandler<OrderPlaced>
        {
            public ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken)
            {
                Send(order);
                return ValueTask.CompletedTask;
            }

            private async void {|EB0001:Send|}(OrderPlaced order) => await mailer.SendAsync(order.Number);
        }
        """);

    [Fact]
    public Task An_async_void_local_function_of_a_handler_is_found() => Check.FindsAsync("""
        class SendReceipt(IMailer mailer) : IEventHandler<OrderPlaced>
        {
            public ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken)
            {
                Send();
                return ValueTask.CompletedTask;

                async void {|EB0001:Send|}() => await mailer.SendAsync(order.Number);
            }
        }
        """);

    [Fact]
    public Task An_async_lambda_that_a_handler_hands_on_as_an_action_is_found() => Check.FindsAsync("""
        class SendReceipt(IMailer mailer) : IEventHandler<OrderPlaced>
        {
            public ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken)
            {
                new List<string> { "a", "b" }.ForEach({|EB0001:async|} name => await mailer.SendAsync(name));
                return ValueTask.CompletedTask;
            }
        }
        """);

    [Fact]
    public Task A_handling_lambda_that_calls_async_void_is_found() => Check.FindsAsync("""
        static class Setup
        {
            static void Add(EventBusBuilder bus) => bus.Handle<OrderPlaced>((order, context, cancellationToken) =>
            {
                {|EB0001:Send(order)|};
                return default;
            });

            static async void Send(OrderPlaced order) => await Task.Yield();
        }
        """);

    [Fact]
    public Task A_handling_lambda_that_calls_an_async_void_function_beside_it_is_found() => Check.FindsAsync("""
        static class Setup
        {
            static void Add(EventBusBuilder bus)
            {
                bus.Handle<OrderPlaced>((order, context, cancellationToken) =>
                {
                    {|EB0001:Send()|};
                    return default;
                });

                async void Send() => await Task.Yield();
            }
        }
        """);

    [Fact]
    public Task A_lambda_subscribed_while_the_bus_runs_is_a_handler_too() => Check.FindsAsync("""
        static class Setup
        {
            static void Add(IEventBus bus) => bus.Subscribe<OrderPlaced>((order, context, cancellationToken) =>
            {
                {|EB0001:Send(order)|};
                return default;
            });

            static async void Send(OrderPlaced order) => await Task.Yield();
        }
        """);

    [Fact]
    public Task An_async_configuration_is_found() => Check.FindsAsync("""
        static class Setup
        {
            static void Add(IServiceCollection services) => services.AddEventBus({|EB0001:async|} bus =>
            {
                await Task.Yield();
                bus.Handle<OrderPlaced>((order, context, cancellationToken) => default);
            });

            static void Add(EventBusBuilder bus) => bus.Handle<OrderPlaced>((order, context, cancellationToken) => default, {|EB0001:async|} s =>
            {
                await Task.Yield();
                s.Concurrency(2);
            });
        }
        """);

    [Fact]
    public Task An_async_handler_is_as_it_should_be() => Check.FindsNothingAsync("""
        class SendReceipt(IMailer mailer) : IEventHandler<OrderPlaced>
        {
            public async ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken)
            {
                await mailer.SendAsync(order.Number);
                await Task.WhenAll(new[] { "a" }.Select(async name => await mailer.SendAsync(name)));
            }
        }

        static class Setup
        {
            static void Add(EventBusBuilder bus) => bus.Handle<OrderPlaced, IMailer>(async (order, mailer, context, cancellationToken) => await mailer.SendAsync(order.Number), s => s.Concurrency(2));
        }
        """);

    [Fact]
    public Task Async_void_elsewhere_is_not_our_business() => Check.FindsNothingAsync("""
        class Window
        {
            private async void Opened() => await Task.Yield();

            public void Show() => new List<int> { 1 }.ForEach(async _ => await Task.Yield());
        }
        """);

    [Fact]
    public Task The_handler_of_a_dot_net_event_has_to_be_void() => Check.FindsNothingAsync("""
        class Watch : IEventHandler<OrderPlaced>
        {
            public event EventHandler? Changed;

            public ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken)
            {
                Changed += async (sender, arguments) => await Task.Yield();
                Changed += OnChanged;
                return default;
            }

            private async void OnChanged(object? sender, EventArgs arguments) => await Task.Yield();
        }
        """);

    [Fact]
    public Task Without_the_bus_nothing_is_looked_at() => Support.Check<AsyncVoidAnalyzer>.FindsNothingWithoutTheBusAsync("""
        using System.Threading.Tasks;

        interface IEventHandler<T> { Task HandleAsync(T e); }

        class Handler : IEventHandler<string>
        {
            public Task HandleAsync(string e) { Go(); return Task.CompletedTask; }
            async void Go() => await Task.Yield();
        }
        """);
}
