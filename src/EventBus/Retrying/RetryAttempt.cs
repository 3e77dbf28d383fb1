namespace EventBus;

/// <summary>What a <see cref="RetryPolicy"/> decides from. It is all there is: a policy reads no clock and draws no number.</summary>
/// <param name="Attempt">The attempt that failed, from 1.</param>
/// <param name="Elapsed">Time since the first attempt began.</param>
/// <param name="PreviousDelay">How long the delivery waited before this attempt; zero before the first.</param>
/// <param name="Exception">Why it failed.</param>
/// <param name="Random">A random number, from 0 up to but not including 1.</param>
public readonly record struct RetryAttempt(int Attempt, TimeSpan Elapsed, TimeSpan PreviousDelay, Exception Exception, double Random);
