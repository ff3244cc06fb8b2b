using System.Globalization;
using Lips.Bench.Load;

namespace Lips.Bench.Rows;

/// <summary>The important rows of requests on fewer connections than those with a target. They are reported, without a target.</summary>
internal static class FewConnections
{
    public static readonly int[] Counts = [1, 8];

    /// <summary>The names of a row's.</summary>
    public static string[] Names(string row) => Array.ConvertAll(Counts, connections => Name(row, connections));

    public static string Name(string row, int connections) => string.Create(CultureInfo.InvariantCulture, $"{row}-c{connections}");

    /// <summary>Measures rows that are read, after they have been measured on many connections: all is warm.</summary>
    /// <param name="world">The world.</param>
    /// <param name="rows">Each row's name, its floor and the product.</param>
    public static async Task<IReadOnlyList<Result>> ReadAsync(World world, params (string Row, Side Floor, Side Product)[] rows)
    {
        var results = new List<Result>();
        foreach (var connections in Counts)
        {
            // Rows that share a floor take one measurement of it.
            var sides = rows.SelectMany(r => new[] { r.Floor, r.Product }).Distinct().ToList();
            var few = sides.Select(side => side with { Connections = connections }).ToArray();
            var rounds = await Turns.ReadAsync(world, 0, world.Size.FewRounds, few);
            results.AddRange(rows.Select(r => Result.Of(
                new Goal(Name(r.Row, connections), "requests/s", IsRate: true),
                rounds.Of(sides.IndexOf(r.Floor), sides.IndexOf(r.Product), run => run.PerSecond))));
        }

        return results;
    }
}
