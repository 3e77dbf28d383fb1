using Microsoft.Extensions.DependencyInjection;

namespace EventBus.Handling;

/// <summary>Makes scopes that are known by their <see cref="ScopeServices"/>, for containers whose own providers cannot be told from each other.</summary>
internal sealed class IdentifiedScopes(IServiceScopeFactory scopes) : IServiceScopeFactory
{
    public IServiceScope CreateScope() => new Scope(scopes.CreateScope());

    private sealed class Scope(IServiceScope scope) : IServiceScope, IAsyncDisposable
    {
        private ScopeServices? _services;

        // In the handler's time: what a container throws here is a failed attempt, and the scope is disposed as any other.
        public IServiceProvider ServiceProvider => _services ??= scope.ServiceProvider.GetRequiredService<ScopeServices>();

        public void Dispose() => scope.Dispose();

        public ValueTask DisposeAsync()
        {
            if (scope is IAsyncDisposable asynchronous)
                return asynchronous.DisposeAsync();
            scope.Dispose();
            return default;
        }
    }
}
