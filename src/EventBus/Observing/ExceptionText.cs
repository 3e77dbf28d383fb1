namespace EventBus.Observing;

/// <summary>What an exception says of itself. It is the code of a handler or a serializer, and may throw when it is asked.</summary>
internal static class ExceptionText
{
    public static string MessageOf(Exception error) => Read(error, static error => error.Message);

    public static string Of(Exception error) => Read(error, static error => error.ToString());

    private static string Read(Exception error, Func<Exception, string> read)
    {
        try
        {
            return read(error);
        }
        catch (Exception)
        {
            return $"{error.GetType()} did not give its text.";
        }
    }
}
