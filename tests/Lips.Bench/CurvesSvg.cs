using System.Globalization;
using System.Net;
using System.Text;
using Lips.Bench.Rows;

namespace Lips.Bench;

/// <summary>Draws the scaling curves: a panel each, its scale beginning at zero, so that what does not grow is a level line.</summary>
internal static class CurvesSvg
{
    private const int PanelWidth = 190;
    private const int PlotTop = 48;
    private const int PlotHeight = 120;
    private const int Left = 24;
    private const int Right = 30;
    private const int Height = PlotTop + PlotHeight + 58;

    /// <summary>Makes the SVG.</summary>
    /// <param name="curves">What was measured.</param>
    /// <param name="run">On what.</param>
    public static string Draw(IReadOnlyList<Curve> curves, RunInfo run)
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {curves.Count * PanelWidth} {Height}" font-family="sans-serif"
                font-size="11" fill="#333">
            <title>Latency and rate by the number of interactions of one advertiser</title>
            <rect width="100%" height="100%" fill="#fff"/>

            """);
        for (var i = 0; i < curves.Count; i++)
            DrawPanel(svg, curves[i], i * PanelWidth);
        var machine = $"{run.Cores} cores, {run.Processor}, {run.DotNet}, PostgreSQL {run.PostgreSql}, commit {run.Commit}, "
            + $"{run.FinishedAt:yyyy-MM-dd}. Across: interactions of the advertiser.";
        svg.Append(CultureInfo.InvariantCulture,
            $"""<text x="{Left}" y="{Height - 10}" font-size="9" fill="#777">{WebUtility.HtmlEncode(machine)}</text>""").Append('\n');
        return svg.Append("</svg>\n").ToString();
    }

    private static void DrawPanel(StringBuilder svg, Curve curve, int x)
    {
        var top = curve.Points.Max(p => p.Value) * 1.25;
        var places = curve.Points.Select((p, i) => (
            X: x + Left + 8.0 + (i * (PanelWidth - Left - Right - 8.0) / Math.Max(1, curve.Points.Count - 1)),
            Y: PlotTop + (PlotHeight * (1 - (p.Value / top))),
            p.Interactions,
            p.Value)).ToList();
        Append($"""<text x="{x + Left}" y="22" font-size="13" font-weight="bold">{curve.Name}</text><text x="{x + Left}" y="36" fill="#777">{curve.Unit}</text>""");
        Append($"""<path d="M{x + Left} {PlotTop}v{PlotHeight}h{PanelWidth - Left - Right + 12}" fill="none" stroke="#999"/>""");
        Append($"""<polyline points="{string.Join(' ', places.Select(p => FormattableString.Invariant($"{p.X:0.#},{p.Y:0.#}")))}" fill="none" stroke="#1f6fb2" stroke-width="2"/>""");
        foreach (var (px, py, interactions, value) in places)
        {
            Append($"""<circle cx="{px:0.#}" cy="{py:0.#}" r="3.5" fill="#1f6fb2"/><text x="{px:0.#}" y="{py - 8:0.#}" text-anchor="middle">{Short(value)}</text>""");
            Append($"""<text x="{px:0.#}" y="{PlotTop + PlotHeight + 16}" text-anchor="middle" fill="#777">{Magnitude(interactions)}</text>""");
        }

        void Append(FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private static string Short(double value) =>
        value >= 1000 ? value.ToString("#,0", CultureInfo.InvariantCulture) : value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Magnitude(int number) => number >= 1_000_000
        ? FormattableString.Invariant($"{number / 1_000_000} M")
        : FormattableString.Invariant($"{number / 1_000} k");
}
