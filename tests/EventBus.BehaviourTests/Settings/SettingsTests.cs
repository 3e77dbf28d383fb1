using System.Text.RegularExpressions;

namespace EventBus.BehaviourTests.Settings;

/// <summary>Every number, time, text and choice that the public surface takes, at its extremes: refused at the call or when the bus is built, with thing, rule and remedy, or it works. Nothing fails later.</summary>
/// <remarks>The inputs are found by reflection: a new setting is tried without a change here, and a new type that takes values is missed by <see cref="Every_value_is_tried_or_has_a_reason_not_to_be"/>.</remarks>
public sealed partial class SettingsTests
{
    public static TheoryData<string> Tried { get; } = [.. PublicInputs.All.Where(static input => Untried.ReasonOf(input) is null).Select(static input => input.ToString()).Distinct()];

    [Fact]
    public void Every_value_is_tried_or_has_a_reason_not_to_be()
    {
        var missed = PublicInputs.All.Where(static input => !Trials.Has(input) && Untried.ReasonOf(input) is null).ToList();

        Assert.True(missed.Count == 0, string.Join('\n', missed));
    }

    [Theory]
    [MemberData(nameof(Tried))]
    public async Task An_extreme_value_is_refused_at_once_or_works(string name)
    {
        var failures = new List<string>();
        foreach (var input in PublicInputs.All.Where(input => input.ToString() == name && Untried.ReasonOf(input) is null))
        {
            foreach (var value in Extremes.Of(input.Type))
            {
                var number = 0;
                foreach (var trial in Trials.Of(input, value) ?? [])
                {
                    number++;
                    if (await TryAsync(input, trial) is { } failure)
                        failures.Add($"{Extremes.Describe(value)}, trial {number}: {Shortened(failure)}");
                }
            }
        }

        Assert.True(failures.Count == 0, $"{name}\n{string.Join('\n', failures)}");
    }

    private static async Task<string?> TryAsync(PublicInput input, Func<Task> trial)
    {
        try
        {
            await trial();
            return null;
        }
        catch (RefusedException refusal)
        {
            return WrongWith(input, refusal.InnerException!);
        }
        catch (ArgumentException refusal) when (refusal.TargetSite?.DeclaringType?.Assembly is { } assembly && (PublicInputs.Assemblies.Contains(assembly) || assembly == typeof(ArgumentException).Assembly))
        {
            return WrongWith(input, refusal);
        }
        catch (Exception error)
        {
            return $"failed later: {error}";
        }
    }

    // Thing: its name. Rule: what it must be. The remedy of a bound is the bound.
    private static string? WrongWith(PublicInput input, Exception refusal)
    {
        var said = refusal.Message.Replace(" ", "", StringComparison.Ordinal);
        if (refusal is not (ArgumentException or EventBusConfigurationException or PublishException or Microsoft.Extensions.Options.OptionsValidationException))
            return $"refused by {refusal}";
        if (!input.Names.Any(name => said.Contains(name, StringComparison.OrdinalIgnoreCase)))
            return $"refused without its name: {refusal.Message}";
        return Rule().IsMatch(refusal.Message) ? null : $"refused without a rule: {refusal.Message}";
    }

    private static string Shortened(string text) => text.Length > 1500 ? $"{text[..1500]}…" : text;

    [GeneratedRegex("must|cannot|may not|is not allowed|means nothing|does not|is no |has no |the limit")]
    private static partial Regex Rule();
}
