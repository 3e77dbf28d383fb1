using System.Collections.Immutable;
using EventBus.Analyzers.Tests.Support;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace EventBus.Analyzers.Tests;

/// <summary>An editor runs the analyzers over code that is not finished.</summary>
public sealed class IncompleteCodeTests
{
    private const string Code = """
        using System.Text.Json.Serialization;

        static class Setup
        {
            public static void Add(IServiceCollection services, EventBusBuilder other, SendReceipt given)
            {
                services.AddEventBus(bus => bus.UseJson(new ShopJson()).AddHandler<OrderPlaced, SendReceipt>(s => s.Durable().Concurrency(2)));
                other.AddHandler(given, s => s.Named("given").Durable()).Handle<OrderPlaced>(async (order, context, token) => await context.Publisher.PublishAsync(new[] { order }));
                other.AddEvent<Sold>(e => e.Logged());
                other.AddSubscription<SendReceipt>("several", s => { s.On<OrderPlaced>(); s.Durable(); });
            }
        }

        public class Sold { public int Count { get; set; } public int Kind; }

        public class SendReceipt(List<EventContext> all, IEventPublisher publisher) : IEventHandler<OrderPlaced>, IEventHandler<Sold>
        {
            private EventContext _last;

            public event EventHandler? Changed;

            public async ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken)
            {
                _last = context;
                all.Add(context);
                Changed += (_, _) => Console.WriteLine(context.Id);
                _ = publisher.PublishAsync(Task.FromResult(order)).AsTask();
                _ = Later();
                new List<int>().ForEach(async n => await Task.Delay(n));
                async Task Later() => await publisher.ScheduleAsync(order, TimeSpan.FromDays(1), null, context.CancellationToken);
            }

            public ValueTask HandleAsync(Sold sold, EventContext context, CancellationToken cancellationToken) => publisher?.PublishAsync(sold with { Count = 1 }) ?? default;

            private async void Send(OrderPlaced order) => await publisher.PublishManyAsync(new List<OrderPlaced> { order });
        }

        [JsonSerializable(typeof(OrderPaid))]
        public partial class ShopJson : JsonSerializerContext;
        """;

    [Fact]
    public async Task No_analyzer_fails_on_code_that_ends_anywhere_or_lacks_a_part()
    {
        var analyzers = typeof(BusAnalyzer).Assembly.GetTypes().Where(static type => !type.IsAbstract && typeof(DiagnosticAnalyzer).IsAssignableFrom(type))
            .Select(static type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!).ToImmutableArray();
        var failures = new List<string>();
        var found = new HashSet<string>();
        var options = new CompilationWithAnalyzersOptions(
            new AnalyzerOptions([]), (error, analyzer, _) => Fail($"{analyzer.GetType().Name}: {error}"), concurrentAnalysis: false, logAnalyzerExecutionTime: false, reportSuppressedDiagnostics: false);

        foreach (var code in Unfinished())
        {
            var compilation = CSharpCompilation.Create("test", [CSharpSyntaxTree.ParseText(code, cancellationToken: TestContext.Current.CancellationToken), Compiled.PreludeTree], Compiled.References, new(Microsoft.CodeAnalysis.OutputKind.DynamicallyLinkedLibrary));
            found.UnionWith((await compilation.WithAnalyzers(analyzers, options).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken)).Select(static diagnostic => diagnostic.Id));
        }

        Assert.Empty(failures.Distinct());
        // Each of these is in the code; code that lacks a part may have others, as a publish that is in no handler any more.
        string[] expected = ["EB0001", "EB0002", "EB0003", "EB0004", "EB0005", "EB0006", "EB0007", "EB0008", "EB0009", "EB0010"];
        Assert.Empty(expected.Except(found));

        void Fail(string failure)
        {
            lock (failures)
                failures.Add(failure);
        }
    }

    private static IEnumerable<string> Unfinished()
    {
        for (var end = Code.Length; end > 0; end -= 29)
            yield return Code[..end];
        var words = Code.Split(' ');
        for (var missing = 0; missing < words.Length; missing += 5)
            yield return string.Join(' ', words.Where((_, at) => at != missing));
    }
}
