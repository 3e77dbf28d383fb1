using System.Globalization;
using EventBus.Sqlite.Tests.Support;

namespace EventBus.Sqlite.Tests.Fuzzing;

/// <summary>A valid file with one column of one row changed, or with one flipped bit, and a bus that is started on it. Allowed: correct service, a dead letter, a refusal at the start,
/// or the documented stop of a log that meets its damage later. Never: a publish that is acknowledged and not delivered, a hang, a dead worker, a forged line, another exception.</summary>
/// <remarks>For a long run set EVENTBUS_FUZZ_FILES to the number of files of each test, and EVENTBUS_FUZZ_SEED to begin elsewhere. Seeds are printed: one file, one seed.</remarks>
public sealed class FuzzedFileTests : IDisposable
{
    private static readonly int s_files = FromEnvironment("EVENTBUS_FUZZ_FILES") ?? 60;
    private static readonly int s_first = FromEnvironment("EVENTBUS_FUZZ_SEED") ?? 1;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public Task A_changed_column_harms_nothing_that_is_published_afterwards() => FuzzAsync(Damage.ChangeOneColumn);

    [Fact]
    public Task A_flipped_bit_harms_nothing_that_is_published_afterwards() => FuzzAsync(Damage.FlipOneBit);

    public void Dispose() => _folder.Dispose();

    private async Task FuzzAsync(Func<string, Random, string?> damage)
    {
        var valid = await ValidFile.WriteAsync(_folder.File("valid.db"));
        var failures = new List<string>();
        for (var seed = s_first; seed < s_first + s_files; seed++)
        {
            var path = _folder.File($"{seed.ToString(CultureInfo.InvariantCulture)}.db");
            File.Copy(valid, path);
            if (damage(path, new Random(seed)) is not { } changed)
                continue;
            using var life = new FuzzedLife(path);
            if (await life.RunAsync() is { } mistake)
                failures.Add($"seed {seed.ToString(CultureInfo.InvariantCulture)}, {changed}: {mistake}");
            foreach (var file in Directory.GetFiles(_folder.Path, $"{seed.ToString(CultureInfo.InvariantCulture)}.db*"))
                File.Delete(file);
        }

        Assert.True(failures.Count == 0, $"{failures.Count} of {s_files} files\n{string.Join("\n\n", failures.Take(20))}");
    }

    private static int? FromEnvironment(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
