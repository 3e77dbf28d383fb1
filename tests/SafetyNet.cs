using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using EventBus.Tests;
using Xunit.v3;

[assembly: SafetyNet]

namespace EventBus.Tests;

/// <summary>Names a test that hangs, and ends the process over it; and names those that run when the process is told to end.</summary>
/// <remarks>
/// Each test project compiles it. A test takes as long as EVENTBUS_TEST_LIMIT says, in seconds; 0 is for ever; the default is ten minutes. What is named is written to the
/// error output and, where EVENTBUS_RUNNING_TESTS names a folder, to a file there: whoever runs the tests may not live to show the output.
/// </remarks>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class SafetyNetAttribute : BeforeAfterTestAttribute
{
    private const int SecondsBetweenLooks = 5;

    private static readonly int s_limit = int.Parse(Environment.GetEnvironmentVariable("EVENTBUS_TEST_LIMIT") ?? "600", CultureInfo.InvariantCulture);
    private static readonly Dictionary<string, (string Name, long Since)> s_running = [];
    private static readonly PosixSignalRegistration s_end = PosixSignalRegistration.Create(PosixSignal.SIGTERM, static _ => Report("was told to end while these ran", 0));

    static SafetyNetAttribute()
    {
        // A thread and no timer: the thread pool may be what hangs.
        if (s_limit > 0)
            new Thread(Watch) { IsBackground = true, Name = "Safety net of the tests" }.Start();
    }

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        lock (s_running)
            s_running[test.UniqueID] = (test.TestDisplayName, Environment.TickCount64);
        GC.KeepAlive(s_end);
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        lock (s_running)
            s_running.Remove(test.UniqueID);
    }

    private static void Watch()
    {
        while (!AnyHangs())
            Thread.Sleep(SecondsBetweenLooks * 1_000);
        var report = Report($"ended itself: a test took more than {s_limit} s", s_limit);
        Environment.FailFast(report);
    }

    // Without allocating: what is allocated in the process is measured by tests.
    private static bool AnyHangs()
    {
        lock (s_running)
        {
            foreach (var (_, since) in s_running.Values)
            {
                if (IsOver(since, s_limit))
                    return true;
            }

            return false;
        }
    }

    private static bool IsOver(long since, int seconds) => Environment.TickCount64 - since >= seconds * 1_000L;

    private static string Report(string what, int seconds)
    {
        var assembly = typeof(SafetyNetAttribute).Assembly;
        var framework = assembly.GetCustomAttribute<TargetFrameworkAttribute>()?.FrameworkDisplayName;
        var lines = new List<string> { $"{assembly.GetName().Name} ({framework}) {what}:" };
        lock (s_running)
            lines.AddRange(s_running.Values.Where(running => IsOver(running.Since, seconds)).Select(static running => $"  {running.Name}, for {(Environment.TickCount64 - running.Since) / 1_000} s"));
        var report = string.Join(Environment.NewLine, lines);
        Console.Error.WriteLine(report);
        if (Environment.GetEnvironmentVariable("EVENTBUS_RUNNING_TESTS") is { Length: > 0 } folder)
            File.WriteAllText(Path.Combine(folder, $"{assembly.GetName().Name}-{Environment.ProcessId}.txt"), report + Environment.NewLine);
        return report;
    }
}
