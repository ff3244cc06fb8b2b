namespace Lips.Counters.Grains;

/// <summary>The way from this process to the grains of the cluster, from when its silo has joined until it leaves.</summary>
internal sealed class CountersSilo
{
    private volatile IGrainFactory? grains;

    /// <summary>The grains; null while this process is no silo, as with <c>lips counters rebuild</c>.</summary>
    public IGrainFactory? Grains => grains;

    /// <summary>The silo has joined.</summary>
    public void Join(IGrainFactory factory) => grains = factory;

    /// <summary>The silo leaves.</summary>
    public void Part() => grains = null;

    /// <summary>Makes an advertiser's activation leave, which has lost its hold.</summary>
    public void Leave(long advertiser)
    {
        if (grains is { } factory)
            _ = factory.GetGrain<IAdvertiserCountersGrain>(advertiser).Leave();
    }
}
