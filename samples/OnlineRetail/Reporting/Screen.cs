namespace OnlineRetail.Reporting;

/// <summary>Where the program writes: a terminal with a width and perhaps colour, or a file.</summary>
public sealed class Screen(TextWriter output, int? terminalWidth, bool hasColour = false)
{
    private const int NarrowestTerminal = 20;

    /// <summary>Tables are this wide at most where the output is no terminal.</summary>
    private const int WidthOfFiles = 120;

    public TextWriter Output => output;

    /// <summary>The width of the terminal; null where the output is none, or one that is too narrow for a line that is written over.</summary>
    public int? TerminalWidth => terminalWidth >= NarrowestTerminal ? terminalWidth : null;

    /// <summary>How wide a table may be.</summary>
    public int TableWidth => TerminalWidth ?? WidthOfFiles;

    public string Title(string text) => Coloured("1", text);

    public string Good(string text) => Coloured("32", text);

    public string Bad(string text) => Coloured("31", text);

    public static string Count(long number, string one, string many) => $"{number:N0} {(number == 1 ? one : many)}";

    // https://en.wikipedia.org/wiki/ANSI_escape_code#Select_Graphic_Rendition_parameters
    private string Coloured(string code, string text) => hasColour && TerminalWidth is not null ? $"\e[{code}m{text}\e[0m" : text;
}
