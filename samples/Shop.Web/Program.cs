using Shop.Web;
using Shop.Web.Operations;
using Shop.Web.Orders;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddShop(builder.Configuration);

var app = builder.Build();
app.MapOrders();
app.MapOperations();
app.Run();
