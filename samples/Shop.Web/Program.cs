using Shop.Web;
using Shop.Web.Operations;
using Shop.Web.Orders;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddShop(builder.Configuration);

var app = builder.Build();
app.UseFileServer(); // The page at /, from wwwroot.
app.MapOpenApi();
app.MapOrders();
app.MapOperations();
app.Run();
