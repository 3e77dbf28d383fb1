using EventBus;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Shop.Web.Operations;

/// <summary>What operators look at and do.</summary>
public static class OperationEndpoints
{
    public static void MapOperations(this IEndpointRouteBuilder app)
    {
        // Alive as long as it answers; ready when the bus is well. Dead letters are no reason to kill a process.
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = static _ => false });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = static check => check.Tags.Contains("ready"), ResponseWriter = WriteAsync });
        app.MapGet("/dead-letters", static async (IEventBus bus, CancellationToken cancellationToken) =>
            TypedResults.Ok<IReadOnlyList<LetterView>>([.. (await bus.DeadLetters.ListAsync(cancellationToken: cancellationToken)).Select(LetterView.Of)]));
        app.MapPost("/dead-letters/{id:long}/redrive", static async Task<Results<NoContent, NotFound>> (long id, IEventBus bus, CancellationToken cancellationToken) =>
            await bus.DeadLetters.RedriveAsync(id, cancellationToken) ? TypedResults.NoContent() : TypedResults.NotFound());
    }

    private static Task WriteAsync(HttpContext http, HealthReport report) =>
        http.Response.WriteAsJsonAsync(HealthView.Of(report.Entries["event-bus"]), ShopJson.Default.HealthView);
}
