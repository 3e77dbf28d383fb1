using EventBus;
using EventBus.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shop.Web.Payments;

namespace Shop.Web.Tests;

/// <summary>The whole shop, as it runs in production: only its log is in memory, its clock is the test's, and its read models are in a folder of their own.</summary>
public sealed class ShopFactory(Action<TestBusBuilder>? test = null) : WebApplicationFactory<Program>
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("shop-web-");

    public TestPayments Payments { get; } = new();

    public TestBus Bus => Services.GetRequiredService<TestBus>();

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("Shop:ReadModels", $"Data Source={Path.Combine(_folder.FullName, "shop.db")};Pooling=False");
        builder.ConfigureLogging(static logging => logging.ClearProviders());
        builder.ConfigureTestServices(services =>
        {
            services.AddEventBusTesting(test);
            services.AddSingleton<IPayments>(Payments);
        });
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}

/// <summary>A payment provider that does what a test wants.</summary>
public sealed class TestPayments : IPayments
{
    public bool Declines { get; set; }

    public ValueTask TakeAsync(string order, decimal amount, CancellationToken cancellationToken) =>
        Declines ? throw new DoNotRetryException("Declined.") : ValueTask.CompletedTask;
}
