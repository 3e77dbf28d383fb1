using OnlineRetail;

// Ctrl+C closes the tills; what they have published is still handled and reported.
using var closing = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    closing.Cancel();
};

int? terminalWidth = Console.IsOutputRedirected ? null : Console.WindowWidth;
// https://no-color.org
var hasColour = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
return (int)await RetailApp.RunAsync(args, Console.Out, Console.Error, terminalWidth, hasColour, closing.Token);
