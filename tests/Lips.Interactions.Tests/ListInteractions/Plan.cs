using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;

namespace Lips.Interactions.Tests.ListInteractions;

/// <summary>What PostgreSQL says of how it answers a statement.</summary>
internal sealed class Plan
{
    private const string Run = ", ANALYZE, BUFFERS, TIMING OFF";

    private readonly List<Node> nodes = [];
    private readonly StringBuilder text = new();

    private Plan(JsonNode root)
    {
        Add(root["Plan"]!, 0);
        Blocks = Number(root["Plan"]!, "Shared Hit Blocks") + Number(root["Plan"]!, "Shared Read Blocks");
    }

    /// <summary>The nodes, parents first.</summary>
    public IReadOnlyList<Node> Nodes => nodes;

    /// <summary>Blocks of 8 KiB that it looked at; 0 unless the statement was run.</summary>
    public double Blocks { get; }

    /// <summary>The plan as a tree of lines.</summary>
    public override string ToString() => text.ToString();

    /// <summary>The plan for the command's own values.</summary>
    public static async Task<Plan> CustomAsync(NpgsqlConnection connection, NpgsqlCommand command, bool analyze = false)
    {
        await using var explain = new NpgsqlCommand(
            $"EXPLAIN (FORMAT JSON{(analyze ? Run : "")}) {command.CommandText}", connection);
        foreach (var parameter in command.Parameters.Cast<NpgsqlParameter>())
            explain.Parameters.Add(parameter.Clone());
        return await ReadAsync(explain);
    }

    /// <summary>
    /// The plan of a prepared statement that was used often enough for the server to choose one for any values, if it thinks that one good.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="command">The statement.</param>
    /// <param name="isKept">Whether the server has no choice; the statement is run then.</param>
    public static async Task<Plan> PreparedAsync(NpgsqlConnection connection, NpgsqlCommand command, bool isKept = false)
    {
        const int executions = 7; // the server plans five times for the values, and then compares
        var parameters = command.Parameters.Cast<NpgsqlParameter>().ToList();
        var types = parameters.Count == 0 ? "" : $"({string.Join(", ", parameters.Select(p => TypeOf(p.Value!.GetType())))})";
        var values = parameters.Count == 0 ? "" : $"({string.Join(", ", parameters.Select(p => Literal(p.Value!)))})";
        await ExecuteAsync(connection, $"PREPARE question {types} AS {command.CommandText}");
        try
        {
            if (isKept)
                await ExecuteAsync(connection, "SET plan_cache_mode = force_generic_plan");
            for (var i = 0; i < executions; i++)
                await ExecuteAsync(connection, $"EXECUTE question {values}");
            await using var explain = new NpgsqlCommand(
                $"EXPLAIN (FORMAT JSON{(isKept ? Run : "")}) EXECUTE question {values}", connection);
            return await ReadAsync(explain);
        }
        finally
        {
            await ExecuteAsync(connection, "DEALLOCATE question");
            await ExecuteAsync(connection, "RESET plan_cache_mode");
        }
    }

    /// <summary>What is wrong with the plan; empty when it is good.</summary>
    /// <param name="indexes">The indexes that it must use, all of them.</param>
    /// <param name="reach">
    /// How many rows the seeks may give together, when the question is one that an index answers in the list's order; null for one that may
    /// read and sort all that matches.
    /// </param>
    public IReadOnlyList<string> Problems(IEnumerable<string> indexes, int? reach = null)
    {
        const int rowsEach = 2; // a condition beside the index, such as archived, may cost a row for each that is given
        const int blocksEach = 16; // a descent and a row, of the interaction twice and of its contact
        var problems = indexes.Where(index => nodes.All(n => n.Index != index)).Select(index => $"does not use {index}").ToList();
        // A sequence is one row.
        problems.AddRange(nodes.Where(n => n.Type == "Seq Scan" && n.Relation != "interaction_ids"
                && (reach is not null || n.Relation is "interactions" or "contacts"))
            .Select(n => $"reads all of {n.Relation}"));
        if (reach is { } rows)
        {
            problems.AddRange(
                nodes.Where(n => n.Type.EndsWith("Sort", StringComparison.Ordinal) && n.Input > rows).Select(n => $"sorts {n.Input} rows"));
            problems.AddRange(nodes.Where(n => (n.Relation ?? n.Index) is not null && n.Read > rows * rowsEach)
                .Select(n => $"reads {n.Read} rows of {n.Index ?? n.Relation}"));
            if (Blocks > rows * blocksEach)
                problems.Add($"reads {Blocks} blocks");
        }

        return problems;
    }

    public static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<Plan> ReadAsync(NpgsqlCommand explain) =>
        new(JsonNode.Parse((string)(await explain.ExecuteScalarAsync())!)![0]!);

    private static string TypeOf(Type type) => type switch
    {
        { IsArray: true } => TypeOf(type.GetElementType()!) + "[]",
        _ when type == typeof(long) => "bigint",
        _ when type == typeof(int) => "integer",
        _ when type == typeof(short) => "smallint",
        _ when type == typeof(bool) => "boolean",
        _ when type == typeof(string) => "text",
        _ when type == typeof(DateTime) => "timestamptz",
        _ => throw new NotSupportedException($"There is no literal for a parameter of {type}."),
    };

    private static string Literal(object value) => $"'{Text(value)}'::{TypeOf(value.GetType())}";

    private static string Text(object value) => value switch
    {
        Array array => $"{{{string.Join(',', array.Cast<object>().Select(v => $"\"{Text(v)}\""))}}}",
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!.Replace("'", "''", StringComparison.Ordinal),
    };

    private Node Add(JsonNode json, int depth)
    {
        var place = nodes.Count;
        nodes.Add(null!);
        var loops = Number(json, "Actual Loops");
        var rows = Number(json, "Actual Rows") * loops;
        var removed = (Number(json, "Rows Removed by Filter") + Number(json, "Rows Removed by Index Recheck")) * loops;
        var node = new Node((string)json["Node Type"]!, (string?)json["Relation Name"], (string?)json["Index Name"], rows, rows + removed);
        text.Append(' ', 2 * depth).AppendLine(CultureInfo.InvariantCulture,
            $"{node.Type} {node.Relation} {node.Index} rows={json["Plan Rows"]} cost={json["Total Cost"]} actual={rows} read={node.Read} "
                + $"{json["Index Cond"]} {json["Filter"]}");
        var input = 0.0;
        foreach (var child in json["Plans"]?.AsArray() ?? [])
        {
            var below = Add(child!, depth + 1);
            // A subquery of the answer's columns hangs below the step as well, but gives it no rows.
            if ((string?)child!["Parent Relationship"] is not ("InitPlan" or "SubPlan"))
                input += below.Rows;
        }

        return nodes[place] = node with { Input = input };
    }

    private static double Number(JsonNode json, string name) => json[name]?.GetValue<double>() ?? 0;
}

/// <summary>A step of a plan. The numbers are those of all its loops, and 0 unless the statement was run.</summary>
/// <param name="Type">Such as <c>Index Scan</c>.</param>
/// <param name="Relation">The table that it reads.</param>
/// <param name="Index">The index that it reads.</param>
/// <param name="Rows">Rows that it gave.</param>
/// <param name="Read">Rows that it looked at.</param>
internal sealed record Node(string Type, string? Relation, string? Index, double Rows, double Read)
{
    /// <summary>Rows that it was given by the steps below.</summary>
    public double Input { get; init; }
}
