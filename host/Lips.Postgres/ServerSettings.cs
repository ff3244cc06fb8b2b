using System.Text;

namespace Lips.Postgres;

/// <summary>
/// The server's configuration file. It stands beside the data folder, is written anew at every start and includes the
/// cluster's own postgresql.conf first; what an operator sets with <c>ALTER SYSTEM</c> wins over it.
/// </summary>
internal static class ServerSettings
{
    public const string FileName = "lips.conf";

    private static readonly KeyValuePair<string, string>[] Usual =
    [
        new("max_connections", "200"),
        new("shared_buffers", "256MB"),
        new("max_wal_size", "2GB"),
        new("checkpoint_timeout", "15min"),
        new("synchronous_commit", "on"),
        // Every query is short; compiling one costs more than running it.
        new("jit", "off"),
        new("timezone", "UTC"),
        new("log_timezone", "UTC"),
        // The client gets its errors and says what matters of them. Here they would fill the log, and carry what people
        // wrote: DETAIL and STATEMENT quote rows.
        new("log_min_messages", "log"),
        new("log_min_error_statement", "panic"),
        new("log_error_verbosity", "terse"),
        new("log_checkpoints", "off"),
    ];

    public static string Compose(IReadOnlyDictionary<string, string> extra)
    {
        var text = new StringBuilder("# Written at every start; use ALTER SYSTEM for settings of your own.\n");
        text.Append("include '").Append(Cluster.DataFolderName).Append("/postgresql.conf'\n");
        foreach (var (name, value) in Usual.Concat(extra))
            text.Append(name).Append(" = '").Append(Quote(value)).Append("'\n");
        return text.ToString();
    }

    private static string Quote(string value) =>
        value.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal);
}
