using Check = EventBus.Analyzers.Tests.Support.Check<EventBus.Analyzers.Handling.KeptContextAnalyzer>;

namespace EventBus.Analyzers.Tests.Handling;

public sealed class KeptContextTests
{
    [Theory]
    [InlineData("_last = {|EB0003:context|};")]
    [InlineData("Last = {|EB0003:context|};")]
    [InlineData("s_last = {|EB0003:context|};")]
    [InlineData("_box = {|EB0003:context|};")]
    [InlineData("_pair = (order, {|EB0003:context|});")]
    [InlineData("_all.Add({|EB0003:context|});")]
    [InlineData("_pairs.Enqueue((order, {|EB0003:context|}));")]
    [InlineData("_byNumber[order.Number] = {|EB0003:context|};")]
    [InlineData("_channel.Writer.TryWrite({|EB0003:context|});")]
    [InlineData("await _channel.Writer.WriteAsync({|EB0003:context|});")]
    [InlineData("_seen.SetResult({|EB0003:context|});")]
    [InlineData("_concurrent.TryAdd(order.Number, {|EB0003:context|});")]
    [InlineData("_concurrent.GetOrAdd(order.Number, _ => {|EB0003:context|});")]
    [InlineData("old.Add({|EB0003:context|});")]
    [InlineData("all.Add({|EB0003:context|});")]
    [InlineData("channel.Writer.TryWrite({|EB0003:context|});")]
    [InlineData("box = {|EB0003:context|};")]
    public Task A_context_that_is_stored_is_found(string statement) => Check.FindsAsync(InHandler(statement));

    [Theory]
    [InlineData("_ = Task.Run(() => Use({|EB0003:context|}));")]
    [InlineData("_ = Task.Run(async () => { await Task.Yield(); Use({|EB0003:context|}); });")]
    [InlineData("Task.Factory.StartNew(() => Use({|EB0003:context|}));")]
    [InlineData("_work = Task.Run(() => Use({|EB0003:context|}));")]
    [InlineData("ThreadPool.QueueUserWorkItem(_ => Use({|EB0003:context|}));")]
    [InlineData("new Thread(() => Use({|EB0003:context|})).Start();")]
    [InlineData("_timer = new Timer(_ => Use({|EB0003:context|}));")]
    [InlineData("_timer = new Timer(_ => { }, {|EB0003:context|}, 1, 1);")]
    [InlineData("TimeProvider.System.CreateTimer(_ => Use({|EB0003:context|}), null, TimeSpan.Zero, TimeSpan.Zero);")]
    [InlineData("Changed += (_, _) => Use({|EB0003:context|});")]
    [InlineData("_later = () => Use({|EB0003:context|});")]
    [InlineData("_actions.Add(() => Use({|EB0003:context|}));")]
    [InlineData("_ = UseAsync({|EB0003:context|});")]
    [InlineData("_ = Later(); async Task Later() { await Task.Yield(); Use({|EB0003:context|}); }")]
    public Task A_context_in_work_that_outlives_the_handler_is_found(string statement) => Check.FindsAsync(InHandler(statement));

    [Theory]
    [InlineData("_kept = context.Capture();")]
    [InlineData("_id = context.Id;")]
    [InlineData("var metadata = context.Capture(); _ = Task.Run(() => Use(metadata));")]
    [InlineData("await Task.Run(() => Use(context));")]
    [InlineData("var work = Task.Run(() => Use(context)); await work;")]
    [InlineData("await Task.WhenAll(Task.Run(() => Use(context)), UseAsync(context));")]
    [InlineData("await UseAsync(context);")]
    [InlineData("var here = new List<EventContext>(); here.Add(context); Use(here[0]);")]
    [InlineData("var work = new Work { Context = context }; await work.RunAsync();")]
    [InlineData("await new Work(context).RunAsync();")]
    [InlineData("EventHandler changed = (_, _) => Use(context); Changed += changed; Changed -= changed;")]
    [InlineData("Use(new[] { 1, 2 }.Select(n => n + context.Attempt).Sum());")]
    [InlineData("using var end = cancellationToken.Register(() => Use(context));")]
    [InlineData("Last = EventContext.Create();")]
    [InlineData("_ids.GetOrAdd(order.Number, _ => context.Id);")]
    [InlineData("_ids.GetOrAdd(order.Number, static (_, given) => given.Id, context);")]
    [InlineData("_ids.AddOrUpdate(order.Number, _ => context.Id, (_, id) => id + context.Attempt);")]
    [InlineData("var work = new Work(); work.Done += (_, _) => Use(context); await work.RunAsync();")]
    [InlineData("var ended = Changed; ended?.Invoke(context, EventArgs.Empty);")]
    [InlineData("_handlers.Add((next, own, token) => { Use(own); return default; });")]
    [InlineData("await Later(); async Task Later() { await Task.Yield(); Use(context); }")]
    public Task A_context_that_ends_with_the_handler_is_as_it_should_be(string statement) => Check.FindsNothingAsync(InHandler(statement));

    [Fact]
    public Task A_variable_around_a_handling_lambda_outlives_it() => Check.FindsAsync("""
        static class Setup
        {
            static EventContext Add(EventBusBuilder bus)
            {
                EventContext seen = default;
                var all = new List<EventContext>();
                bus.Handle<OrderPlaced>((order, context, cancellationToken) =>
                {
                    seen = {|EB0003:context|};
                    all.Add({|EB0003:context|});
                    return default;
                });
                return seen;
            }
        }
        """);

    [Fact]
    public Task Middleware_keeps_no_context_either() => Check.FindsAsync("""
        class Measure : IEventMiddleware
        {
            private EventContext _last;

            public ValueTask HandleAsync<TEvent>(TEvent @event, EventContext context, IEventHandler<TEvent> next, CancellationToken cancellationToken)
                where TEvent : notnull
            {
                _last = {|EB0003:context|};
                return next.HandleAsync(@event, context, cancellationToken);
            }

            public string Last => _last.Id;
        }
        """);

    [Fact]
    public Task An_object_made_for_one_delivery_may_have_its_context() => Check.FindsNothingAsync("""
        sealed class Work
        {
            private readonly EventContext _context;

            public Work(EventContext context) => _context = context;

            public string Id => _context.Id;
        }

        sealed class Steps
        {
            private EventContext _context;

            public void Begin(EventContext context) => _context = context;

            public string Id => _context.Id;
        }
        """);

    private static string InHandler(string statement) => $$"""
        using System.Collections;
        using System.Collections.Concurrent;
        using System.Threading.Channels;

        #pragma warning disable CS0414, CS1998, CS4014
        class Handler(List<EventContext> all, Channel<EventContext> channel, ArrayList old, object? box) : IEventHandler<OrderPlaced>
        {
            private readonly ConcurrentDictionary<string, EventContext> _concurrent = new();
            private readonly ConcurrentDictionary<string, string> _ids = new();
            private static EventContext s_last;
            private EventContext _last;
            private object? _box;
            private (OrderPlaced, EventContext) _pair;
            private readonly List<EventContext> _all = new();
            private readonly Queue<(OrderPlaced, EventContext)> _pairs = new();
            private readonly Dictionary<string, EventContext> _byNumber = new();
            private readonly Channel<EventContext> _channel = Channel.CreateUnbounded<EventContext>();
            private readonly TaskCompletionSource<EventContext> _seen = new();
            private readonly List<Action> _actions = new();
            private readonly List<Func<OrderPlaced, EventContext, CancellationToken, ValueTask>> _handlers = new();
            private EventMetadata? _kept;
            private string? _id;
            private Task? _work;
            private Timer? _timer;
            private Action? _later;

            public event EventHandler? Changed;

            public EventContext Last { get; set; }

            public async ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken)
            {
                {{statement}}
            }

            public object? Box => box ?? (all, channel, old);

            private static void Use(object value) { }

            private static Task UseAsync(object value) => Task.CompletedTask;
        }

        class Work
        {
            public Work() { }

            public Work(EventContext context) => Context = context;

            public EventContext Context { get; set; }

            public event EventHandler? Done;

            public Task RunAsync() => Task.CompletedTask;
        }
        """;
}
