namespace EventBus;

/// <summary>What becomes of a delivery whose handler does not return.</summary>
public enum StuckHandlerAction
{
    /// <summary>It keeps its slot and its key until the handler returns: two attempts never overlap. The default.</summary>
    Keep,

    /// <summary>The attempt counts as failed, slot and key are freed, and the next attempt may overlap with the one that did not return.</summary>
    Abandon,
}
