using System.Diagnostics.Metrics;
using Lips.Kernel;

namespace Lips.Counters.Tests.Grains;

/// <summary>How often a test, and no other that runs beside it, has measured that a holder did not answer.</summary>
internal sealed class Unanswered : IDisposable
{
    private static readonly AsyncLocal<Unanswered?> OfTest = new();

    private readonly MeterListener listener = new();
    private int count;

    public Unanswered()
    {
        OfTest.Value = this;
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (instrument is { Meter.Name: LipsMeter.Name, Name: "lips.counters.unanswered" })
                own.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) =>
        {
            if (OfTest.Value == this)
                Interlocked.Add(ref count, (int)value);
        });
        listener.Start();
    }

    public int Count => count;

    public void Dispose() => listener.Dispose();
}
