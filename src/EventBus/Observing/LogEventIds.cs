namespace EventBus.Observing;

/// <summary>The numbers of the log messages, a hundred for each folder.</summary>
internal static class LogEventIds
{
    public const int ListenerFailed = 10;

    public const int UnheardOf = 100;
    public const int ScheduledRefused = 101;
    public const int ScheduledFailed = 102;
    public const int ScheduleFailed = 103;
    public const int ScheduledAgain = 104;
    public const int ScheduledDuplicate = 105;

    public const int Dropped = 200;
    public const int Refused = 201;
    public const int Missed = 202;
    public const int KeyFailed = 203;
    public const int WorkerFailed = 204;
    public const int StreamPassedOver = 205;
    public const int ObserverFailed = 206;
    public const int KeyUntold = 207;

    public const int ScopeDisposalFailed = 300;
    public const int Stuck = 301;
    public const int Abandoned = 302;
    public const int OrphanReturned = 303;
    public const int IdempotencyStoreFailed = 304;
    public const int LeaseLost = 305;
    public const int CompletionFailed = 306;
    public const int LeaseRenewalFailed = 307;

    public const int AttemptFailed = 400;
    public const int Postponed = 401;
    public const int Expired = 402;
    public const int RetryPolicyFailed = 403;

    public const int LogFailed = 700;
    public const int LogReadFailed = 701;
    public const int SameIdOtherBody = 702;
    public const int LogCloseFailed = 703;
    public const int EventsRemoved = 704;
    public const int RetentionFailed = 705;
    public const int UnreadRemoved = 706;

    public const int DeliveryGone = 800;
    public const int SubscriptionAdded = 801;
    public const int SubscriptionUnclaimed = 802;
    public const int SubscriptionRenamed = 803;
    public const int StartsWithCare = 804;
    public const int TooManyParked = 805;
    public const int ReplayBeginsLater = 806;
    public const int ReplaySkips = 807;
    public const int StateRefused = 808;

    public const int DeadLettered = 500;
    public const int DeadLetterStoreFailed = 501;
    public const int DeadLetterEvicted = 502;
    public const int DeadLetterAlertFailed = 503;
    public const int DeadLetterAlertStuck = 504;
    public const int DeadLetterStoreStuck = 505;

    public const int Started = 600;
    public const int Stopped = 601;
    public const int StoppedWithWork = 602;
    public const int WorkLeft = 603;
    public const int StartedByPublish = 604;
}
