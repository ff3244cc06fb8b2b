using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Lips.Kernel;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Lips.Host.Telemetry;

/// <summary>
/// How a line of the log looks: time, level, node, category, message, and the trace of the request where there is one. As text, or as JSON
/// with <c>Logging:Console:FormatterName=json</c>. They take the places of .NET's own two, which know no node.
/// </summary>
internal abstract class LogLines(string name, string node) : ConsoleFormatter(name)
{
    private const string FormatterName = "Logging:Console:FormatterName";

    /// <summary>Has the console's log written so.</summary>
    /// <exception cref="SettingException">Another way is asked for.</exception>
    public static void AddTo(ILoggingBuilder logging, IConfiguration settings)
    {
        var node = NodeName.Read(settings);
        var wanted = settings[FormatterName] is { Length: > 0 } given ? given : ConsoleFormatterNames.Simple;
        if (wanted is not (ConsoleFormatterNames.Simple or ConsoleFormatterNames.Json))
            throw new SettingException($"The setting {FormatterName} must be simple or json.");
        // The slim builder sets one itself, over the setting.
        logging.AddConsole(console => console.FormatterName = wanted);
        logging.Services.RemoveAll<ConsoleFormatter>();
        logging.Services.AddSingleton<ConsoleFormatter>(new Text(node)).AddSingleton<ConsoleFormatter>(new Json(node));
    }

    /// <summary>Loggers for what is done before there is an application.</summary>
    public static ILoggerFactory Factory(IConfiguration settings) => LoggerFactory.Create(logging =>
    {
        logging.AddConfiguration(settings.GetSection("Logging"));
        AddTo(logging, settings);
    });

    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopes, TextWriter output)
    {
        var message = entry.Formatter(entry.State, entry.Exception);
        Write(new Line(
            DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), WordOf(entry.LogLevel), node,
            entry.Category, message, Activity.Current?.TraceId.ToString(), entry.Exception?.ToString()),
            entry.State as IReadOnlyList<KeyValuePair<string, object?>> ?? [], output);
    }

    protected abstract void Write(Line line, IReadOnlyList<KeyValuePair<string, object?>> values, TextWriter output);

    private static string WordOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "critical",
    };

    protected sealed record Line(string Time, string Level, string Node, string Category, string Message, string? Trace, string? Exception);

    private sealed class Text(string node) : LogLines(ConsoleFormatterNames.Simple, node)
    {
        protected override void Write(Line line, IReadOnlyList<KeyValuePair<string, object?>> values, TextWriter output)
        {
            output.Write($"{line.Time} {line.Level} {line.Node} {line.Category}: {line.Message.ReplaceLineEndings(" ")}");
            if (line.Trace is not null)
                output.Write($" trace_id={line.Trace}");
            output.Write('\n');
            // Further lines begin with a space, so a line that does not is an entry.
            if (line.Exception is not null)
                output.Write($"  {line.Exception.ReplaceLineEndings("\n  ")}\n");
        }
    }

    private sealed class Json(string node) : LogLines(ConsoleFormatterNames.Json, node)
    {
        protected override void Write(Line line, IReadOnlyList<KeyValuePair<string, object?>> values, TextWriter output)
        {
            var bytes = new ArrayBufferWriter<byte>();
            JsonAnswer.WriteTo(bytes, json =>
            {
                json.WriteStartObject();
                json.WriteString("time"u8, line.Time);
                json.WriteString("level"u8, line.Level);
                json.WriteString("node"u8, line.Node);
                json.WriteString("category"u8, line.Category);
                json.WriteString("message"u8, line.Message);
                if (line.Trace is not null)
                    json.WriteString("trace_id"u8, line.Trace);
                if (line.Exception is not null)
                    json.WriteString("exception"u8, line.Exception);
                WriteValues(json, values);
                json.WriteEndObject();
            });
            output.Write(Encoding.UTF8.GetString(bytes.WrittenSpan));
            output.Write('\n');
        }

        private static void WriteValues(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>> values)
        {
            if (!values.Any(v => v.Key != "{OriginalFormat}"))
                return;
            json.WriteStartObject("values"u8);
            foreach (var (key, value) in values.Where(v => v.Key != "{OriginalFormat}").DistinctBy(v => v.Key))
                json.WriteString(key, Convert.ToString(value, CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }
    }
}
