namespace OnlineRetail.Reading;

/// <summary>The file cannot be used at all; the message says why and what to do.</summary>
public sealed class UnusableFileException(string message, Exception? innerException = null) : Exception(message, innerException);
