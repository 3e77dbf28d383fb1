using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;
using EventBus.CrashChild;

namespace EventBus.CrashTests.Support;

/// <summary>A process that is to be killed, and what it says until then.</summary>
internal sealed class Child : IDisposable
{
    /// <summary>How a shell and .NET call an end by SIGKILL.</summary>
    public const int Killed = 128 + 9;

    private static readonly TimeSpan s_safetyNet = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly Task<string> _error;
    private readonly Task _reading;

    private Child(Process process)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync();
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>What it wrote to its standard error.</summary>
    public string Error => _error.IsCompletedSuccessfully ? _error.Result : "";

    public static Child Start(Life life, params string[] under)
    {
        string[] command = [.. under, "dotnet", Path.Combine(AppContext.BaseDirectory, "EventBus.CrashChild.dll"), JsonSerializer.Serialize(life)];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        // A short life is not worth a second compilation.
        start.Environment["DOTNET_TieredPGO"] = "0";
        return new(Process.Start(start)!);
    }

    public void Say(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>The next line; nothing when the process has ended.</summary>
    public async Task<string?> ReadLineAsync()
    {
        using var net = new CancellationTokenSource(s_safetyNet);
        try
        {
            return await _lines.Reader.ReadAsync(net.Token);
        }
        catch (ChannelClosedException)
        {
            return null;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The child said nothing for {s_safetyNet}. {Error}");
        }
    }

    /// <summary>Everything up to a line that begins so.</summary>
    public async Task<List<string>> ReadToAsync(string beginning)
    {
        var lines = new List<string>();
        while (await ReadLineAsync() is { } line)
        {
            lines.Add(line);
            if (line.StartsWith(beginning, StringComparison.Ordinal))
                return lines;
        }

        throw new InvalidOperationException($"The child ended without '{beginning}': {string.Join(" | ", lines)} {await _error}");
    }

    public async Task<List<string>> ReadAllAsync()
    {
        var lines = new List<string>();
        while (await ReadLineAsync() is { } line)
            lines.Add(line);
        return lines;
    }

    /// <summary>SIGKILL.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Tells it that there is nothing more to do.</summary>
    public void Finish() => _process.StandardInput.Close();

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(s_safetyNet);
        await _reading.WaitAsync(s_safetyNet);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
            _lines.Writer.TryWrite(line);
        await _error;
        _lines.Writer.Complete();
    }
}
