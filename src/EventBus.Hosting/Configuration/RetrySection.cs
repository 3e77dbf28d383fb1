using EventBus.Observing;
using Microsoft.Extensions.Configuration;

namespace EventBus.Hosting.Configuration;

/// <summary>Makes a retry policy of the section <c>Retry</c>. What it does not say is as in the default policy of the subscription's mode.</summary>
internal sealed class RetrySection
{
    private const string Policy = "Policy";
    private const string MaxAttempts = "MaxAttempts";
    private const string FirstDelay = "FirstDelay";
    private const string MaxDelay = "MaxDelay";
    private const string Delay = "Delay";
    private const string Step = "Step";
    private const string TotalTime = "TotalTime";

    private static readonly SettingText<PolicyKind> s_kind = SettingText.OneOf<PolicyKind>();

    private readonly IConfigurationSection _section;
    private readonly List<string> _mistakes;
    private readonly PolicyKind _kind;

    private RetrySection(IConfigurationSection section, List<string> mistakes)
    {
        _section = section;
        _mistakes = mistakes;
        _kind = s_kind.TryReadFrom(section.GetSection(Policy), mistakes, out var kind) ? kind : PolicyKind.Exponential;
    }

    private enum PolicyKind
    {
        Exponential,
        Linear,
        Fixed,
        Immediate,
        EventGrid,
        None,
    }

    /// <returns>Nothing where the section says nothing, or something wrong.</returns>
    public static RetryPolicy? Read(IConfigurationSection section, DeliveryMode mode, List<string> mistakes)
    {
        if (section.Value is { Length: > 0 } value)
            mistakes.Add($"Configuration key '{LogText.Safe(section.Path)}' is '{LogText.Safe(value)}', and must be a section, such as {Policy}: None or {MaxAttempts}: 5.");
        if (!section.GetChildren().Any())
            return null;
        var before = mistakes.Count;
        var policy = new RetrySection(section, mistakes).Build(mode == DeliveryMode.Durable);
        return mistakes.Count == before ? policy : null;
    }

    private RetryPolicy? Build(bool isDurable)
    {
        foreach (var key in _section.GetChildren())
        {
            if (!KeysOf(_kind).Contains(key.Key, StringComparer.OrdinalIgnoreCase))
                _mistakes.Add($"Configuration key '{LogText.Safe(key.Path)}' means nothing to the retry policy {_kind}. It has: {string.Join(", ", KeysOf(_kind))}.");
        }

        var attempts = Number(MaxAttempts, isDurable ? RetryPolicy.DurableMaxAttempts : RetryPolicy.DefaultMaxAttempts);
        RetryPolicy? policy = _kind switch
        {
            PolicyKind.None => RetryPolicy.None,
            PolicyKind.EventGrid => RetryPolicy.EventGrid,
            PolicyKind.Immediate => RetryPolicy.Immediate(attempts),
            PolicyKind.Fixed => Required(Delay) is { } delay ? RetryPolicy.Fixed(attempts, delay) : null,
            PolicyKind.Linear => Required(Step) is { } step && Longest(step, isDurable) is { } longest ? RetryPolicy.Linear(attempts, step, longest) : null,
            _ => Exponential(attempts, isDurable),
        };
        return Time(TotalTime, SettingText.TimePositive) is { } total ? policy?.Within(total) : policy;
    }

    private static string[] KeysOf(PolicyKind kind) => kind switch
    {
        PolicyKind.None => [Policy],
        PolicyKind.EventGrid => [Policy, TotalTime],
        PolicyKind.Immediate => [Policy, MaxAttempts, TotalTime],
        PolicyKind.Fixed => [Policy, MaxAttempts, Delay, TotalTime],
        PolicyKind.Linear => [Policy, MaxAttempts, Step, MaxDelay, TotalTime],
        _ => [Policy, MaxAttempts, FirstDelay, MaxDelay, TotalTime],
    };

    private RetryPolicy? Exponential(int attempts, bool isDurable)
    {
        var first = Time(FirstDelay, SettingText.TimePositive) ?? (isDurable ? RetryPolicy.DurableFirstDelay : RetryPolicy.DefaultFirstDelay);
        return Longest(first, isDurable) is { } longest ? RetryPolicy.Exponential(attempts, first, longest) : null;
    }

    private TimeSpan? Longest(TimeSpan shortest, bool isDurable)
    {
        var usual = isDurable ? RetryPolicy.DurableMaxDelay : RetryPolicy.DefaultMaxDelay;
        var longest = Time(MaxDelay, SettingText.TimeNotNegative) ?? (usual > shortest ? usual : shortest);
        if (longest >= shortest)
            return longest;
        _mistakes.Add($"Configuration key '{LogText.Safe(_section.GetSection(MaxDelay).Path)}' is {longest}, and must be at least as long as the first wait, {shortest}.");
        return null;
    }

    private TimeSpan? Required(string key)
    {
        if (Time(key, SettingText.TimeNotNegative) is { } time)
            return time;
        if (string.IsNullOrEmpty(_section[key]))
            _mistakes.Add($"Configuration key '{LogText.Safe(_section.GetSection(key).Path)}' is missing, and the retry policy {_kind} needs it: {SettingText.TimeNotNegative.Expected}.");
        return null;
    }

    private TimeSpan? Time(string key, SettingText<TimeSpan> text) => text.TryReadFrom(_section.GetSection(key), _mistakes, out var time) ? time : null;

    private int Number(string key, int usual) => SettingText.AtLeastOne.TryReadFrom(_section.GetSection(key), _mistakes, out var number) ? number : usual;
}
