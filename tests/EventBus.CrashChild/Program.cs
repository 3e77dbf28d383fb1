using System.Text.Json;
using EventBus.CrashChild;

// The program that is killed: EventBus.CrashTests starts it, reads what it prints, and judges. What it is to do is its one argument.
var life = JsonSerializer.Deserialize<Life>(args[0])!;
return life.Does switch
{
    Deed.Work => await WorkingLife.RunAsync(life),
    Deed.Publish => await PublishingLife.RunAsync(life),
    Deed.CrashInHandler => await CrashingLife.RunAsync(life),
    _ => throw new ArgumentException($"Nobody does {life.Does}."),
};
