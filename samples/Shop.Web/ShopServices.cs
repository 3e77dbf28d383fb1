using EventBus;
using Shop.Web.Catalogue;
using Shop.Web.Orders;
using Shop.Web.Payments;
using Shop.Web.ReadModels;

namespace Shop.Web;

/// <summary>Wires the shop together. This is the part to copy from.</summary>
public static class ShopServices
{
    public static IServiceCollection AddShop(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(static _ => Goods.Read(Path.Combine(AppContext.BaseDirectory, "data", "online-retail-2010-12.csv")));
        services.AddSingleton(static provider => new ShopDatabase(provider.GetRequiredService<IConfiguration>()["Shop:ReadModels"] ?? "Data Source=shop.db"));
        services.AddSingleton<IPayments, CardPayments>();

        // What happened is in a log on disk; every subscription goes on after a crash where it was.
        services.AddEventBus(bus =>
        {
            bus.UseSqlite(static provider => provider.GetRequiredService<IConfiguration>()["Shop:EventLog"] ?? "Data Source=events.db");
            bus.UseJson(ShopJson.Default);
            bus.AddHandler<OrderPlaced, TakePayment>(s => s.Named("payment").Durable().OrderedBy(order => order.Customer));
            bus.AddHandler<OrderPlaced, ProjectSales>(s => s.Named("sales").Durable());
            bus.AddSubscription<ProjectOrders>("orders", s =>
            {
                s.Durable();
                s.On<OrderPlaced>(order => order.Number);
                s.On<PaymentTaken>(payment => payment.Number);
            });
        });

        // The bus starts before the server listens, and stops when the last request has been answered.
        services.AddEventBusHosting(hosting => hosting.StopLimit = TimeSpan.FromSeconds(20));
        services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));
        services.AddHealthChecks().AddEventBus(tags: ["ready"]);
        services.Configure<EventBusHealthOptions>("event-bus", configuration.GetSection("Shop:Health"));

        services.ConfigureHttpJsonOptions(static options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, ShopJson.Default));
        return services;
    }
}
