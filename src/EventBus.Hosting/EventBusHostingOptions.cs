namespace EventBus;

/// <summary>How a host runs the bus.</summary>
public sealed class EventBusHostingOptions
{
    /// <summary>The default of <see cref="ConfigurationSection"/>: "EventBus".</summary>
    public const string DefaultConfigurationSection = "EventBus";

    /// <summary>The default of <see cref="StopLimit"/>: 30 seconds, as a host's own.</summary>
    public static readonly TimeSpan DefaultStopLimit = TimeSpan.FromSeconds(30);

    private string? _namedSection;

    /// <summary>The configuration section that has the settings, under <c>Subscriptions:{name}</c>. Default: <see cref="DefaultConfigurationSection"/>, which need not exist; empty: settings are not read from configuration.
    /// One that is named here and does not exist fails the start, unless <see cref="IsConfigurationSectionOptional"/> says otherwise.</summary>
    public string ConfigurationSection
    {
        get => _namedSection ?? DefaultSection;
        set => _namedSection = value;
    }

    /// <summary>Whether the section that <see cref="ConfigurationSection"/> names may be missing. Default: no.</summary>
    public bool IsConfigurationSectionOptional { get; set; }

    /// <summary>How long the host may take to stop, as <c>HostOptions.ShutdownTimeout</c> says. The bus gets what is left of it when everything else has stopped; when nine tenths of that have passed, nothing new
    /// begins and the tokens of running handlers are cancelled. Positive; default: <see cref="DefaultStopLimit"/>. If the host's own limit is shorter, it ends the stop all the same, but without
    /// that notice to the handlers.</summary>
    public TimeSpan StopLimit { get; set; } = DefaultStopLimit;

    /// <summary>The section where the application names none.</summary>
    internal string DefaultSection { get; set; } = DefaultConfigurationSection;

    /// <summary>Whether the application named a section, which then has to be there.</summary>
    internal bool DemandsSection => !string.IsNullOrEmpty(_namedSection) && !IsConfigurationSectionOptional;
}
