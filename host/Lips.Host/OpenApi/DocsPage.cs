using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Lips.Host.OpenApi;

/// <summary>
/// The document as a page to browse. It is one file without a script: nothing runs, nothing is asked of any host
/// (build/decisions/0024-reference.md).
/// </summary>
internal sealed class DocsPage
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly StringBuilder html = new(512 * 1024);
    private readonly JsonObject document;

    private DocsPage(JsonObject document) => this.document = document;

    /// <summary>Writes the page.</summary>
    /// <param name="document">The document.</param>
    /// <param name="style">The style sheet.</param>
    public static string Of(JsonObject document, string style) => new DocsPage(document).Write(style);

    private IEnumerable<(string Verb, string Path, JsonObject Operation)> Operations =>
        from path in document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select (operation.Key.ToUpperInvariant(), path.Key, operation.Value!.AsObject());

    private string Write(string style)
    {
        html.Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>LIPS reference</title>")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>").Append(style)
            .Append("</style></head><body><nav aria-label=\"Contents\"><p><a href=\"#top\">LIPS reference</a></p>");
        foreach (var section in document["tags"]!.AsArray())
        {
            var name = (string)section!["name"]!;
            html.Append("<h2>").Append(Encoded(name)).Append("</h2><ul>");
            foreach (var (verb, path, operation) in InSection(name))
            {
                html.Append("<li><a href=\"#").Append(Id(operation)).Append("\"><b class=\"").Append(verb).Append("\">").Append(verb)
                    .Append("</b> ").Append(Breakable(path)).Append("</a></li>");
            }

            html.Append("</ul>");
        }

        html.Append("<h2>Schemas</h2><ul>");
        foreach (var (name, _) in Component("schemas"))
            html.Append("<li><a href=\"#schema-").Append(name).Append("\">").Append(name).Append("</a></li>");
        html.Append("</ul></nav><main id=\"top\"><h1>LIPS reference</h1>");
        Prose((string)document["info"]!["description"]!);
        html.Append("<p><a href=\"/openapi.json\">/openapi.json</a> is the same for programs (OpenAPI 3.1), version ")
            .Append(Encoded((string)document["info"]!["version"]!)).Append(".</p>");
        WriteCredentials();
        foreach (var section in document["tags"]!.AsArray())
            WriteSection((string)section!["name"]!, (string)section["description"]!);
        WriteSchemas();
        return html.Append("</main></body></html>\n").ToString();
    }

    private void WriteCredentials()
    {
        html.Append("<h2>Credentials</h2><table><tr><th>Header</th><th></th></tr>");
        foreach (var (_, scheme) in Component("securitySchemes"))
        {
            html.Append("<tr><td><code>").Append(Encoded((string?)scheme!["name"] ?? "Authorization")).Append("</code></td><td>");
            Inline((string)scheme["description"]!);
            html.Append("</td></tr>");
        }

        html.Append("</table>");
    }

    private void WriteSection(string name, string text)
    {
        html.Append("<section><h2>").Append(Encoded(name)).Append("</h2>");
        Prose(text);
        foreach (var (verb, path, operation) in InSection(name))
            WriteOperation(verb, path, operation);
        html.Append("</section>");
    }

    private void WriteOperation(string verb, string path, JsonObject operation)
    {
        html.Append("<article id=\"").Append(Id(operation)).Append("\"><h3><b class=\"").Append(verb).Append("\">").Append(verb)
            .Append("</b> <code>").Append(Breakable(path)).Append("</code></h3>");
        if (operation["deprecated"] is not null)
            html.Append("<p class=\"old\">Kept for old clients. New ones use the other spelling.</p>");
        html.Append("<p><strong>").Append(Encoded((string)operation["summary"]!)).Append("</strong></p>");
        Prose((string)operation["description"]!);
        if (operation["parameters"] is JsonArray parameters)
            WriteParameters(parameters);
        if (operation["requestBody"]?["content"] is JsonObject body)
        {
            html.Append("<h4>Body</h4>");
            WriteContent(body);
        }

        html.Append("<h4>Answers</h4>");
        foreach (var (status, answer) in operation["responses"]!.AsObject())
            WriteAnswer(status, answer!.AsObject());
        html.Append("</article>");
    }

    private void WriteParameters(JsonArray parameters)
    {
        html.Append("<h4>Parameters</h4><table><tr><th>Name</th><th>Type</th><th>Rule</th></tr>");
        foreach (var parameter in parameters.OfType<JsonObject>())
        {
            html.Append("<tr><td><code>").Append(Breakable((string)parameter["name"]!)).Append("</code>");
            if ((string)parameter["in"]! is not "query" and var place)
                html.Append(" <i>").Append(place).Append("</i>");
            if (parameter["required"] is not null)
                html.Append(" <i>required</i>");
            html.Append("</td><td>").Append(TypeOf(parameter["schema"]!.AsObject())).Append("</td><td>");
            Inline((string)parameter["description"]!);
            if (parameter["example"] is { } example)
            {
                html.Append(" <i>Example:</i> <code>")
                    .Append(Encoded(example is JsonArray several ? string.Join(", ", several) : example.ToString())).Append("</code>");
            }

            html.Append("</td></tr>");
        }

        html.Append("</table>");
    }

    private void WriteAnswer(string status, JsonObject answer)
    {
        if (answer["$ref"] is JsonValue reference)
            answer = Resolve((string)reference!);
        html.Append("<details><summary><b class=\"s").Append(status[0]).Append("\">").Append(status).Append("</b> ");
        Inline((string)answer["description"]!);
        html.Append("</summary>");
        if (answer["headers"] is JsonObject headers)
        {
            html.Append("<p>Headers: ").AppendJoin(", ", headers.Select(h => $"<code>{Encoded(h.Key)}</code>")).Append("</p>");
        }

        if (answer["content"] is JsonObject content)
            WriteContent(content);
        html.Append("</details>");
    }

    private void WriteContent(JsonObject content)
    {
        foreach (var (type, media) in content)
        {
            html.Append("<p><code>").Append(Encoded(type)).Append("</code>: ").Append(TypeOf(media!["schema"]!.AsObject()));
            if (media["x-item-schema"] is JsonObject item)
                html.Append(", each item ").Append(TypeOf(item));
            html.Append("</p>");
            foreach (var (_, example) in media["examples"]!.AsObject())
            {
                html.Append("<details><summary>Example: ").Append(Encoded((string)example!["summary"]!)).Append("</summary><pre><code>")
                    .Append(Encoded(
                        example["value"] is JsonValue text && text.GetValueKind() == JsonValueKind.String
                            ? (string)text! : example["value"]!.ToJsonString(Readable)))
                    .Append("</code></pre></details>");
            }
        }
    }

    private void WriteSchemas()
    {
        html.Append("<section><h2>Schemas</h2>");
        foreach (var (name, node) in Component("schemas"))
        {
            var schema = node!.AsObject();
            html.Append("<article id=\"schema-").Append(name).Append("\"><h3><code>").Append(name).Append("</code></h3>");
            if (schema["description"] is JsonValue text)
                Prose((string)text!);
            html.Append("<table><tr><th>Field</th><th>Type</th><th></th></tr>");
            WriteFields(schema["items"] is JsonObject items ? items : schema, "");
            html.Append("</table></article>");
        }

        html.Append("</section>");
    }

    /// <summary>The fields of an object, and of the objects inside it.</summary>
    private void WriteFields(JsonObject schema, string outside)
    {
        var required = schema["required"] as JsonArray;
        foreach (var (name, node) in schema["properties"]?.AsObject() ?? [])
        {
            var field = node!.AsObject();
            html.Append("<tr><td><code>").Append(Breakable(outside + name)).Append("</code>");
            if (required?.Any(r => (string?)r == name) is not true)
                html.Append(" <i>optional</i>");
            html.Append("</td><td>").Append(TypeOf(field)).Append("</td><td>");
            Inline((string?)field["description"] ?? "");
            html.Append("</td></tr>");
            var inner = field["items"] as JsonObject ?? field;
            WriteFields(inner, $"{outside}{name}{(inner == field ? "" : "[]")}.");
        }
    }

    private static string TypeOf(JsonObject schema)
    {
        if (schema["$ref"] is JsonValue reference)
        {
            var name = Encoded(((string)reference!).Split('/')[^1]);
            return $"<a href=\"#schema-{name}\">{name}</a>";
        }

        if (schema["anyOf"] is JsonArray several)
            return string.Join(" or ", several.Select(s => TypeOf(s!.AsObject())));
        var type = schema["type"] is JsonArray types ? string.Join(" or ", types.Select(t => (string)t!)) : (string)schema["type"]!;
        if (schema["items"] is JsonObject items)
            return "list of " + TypeOf(items);
        if (schema["enum"] is JsonArray values)
            type = string.Join(", ", values.Select(v => $"<code>{Encoded(v?.ToString() ?? "null")}</code>"));
        else if (schema["format"] is JsonValue format && (string)format! is not ("int32" or "int64"))
            type += $" ({Encoded((string)format!)})";
        if (schema["minimum"] is { } least)
            type += $", from {least}";
        if (schema["maximum"] is { } most && (long)most < int.MaxValue)
            type += $" to {most}";
        if (schema["maxLength"] is { } longest)
            type += $", at most {longest} characters";
        if (schema["default"] is { } usual)
            type += $", default <code>{Encoded(usual.ToString())}</code>";
        return type;
    }

    private IEnumerable<(string Verb, string Path, JsonObject Operation)> InSection(string name) =>
        Operations.Where(o => (string)o.Operation["tags"]![0]! == name);

    private JsonObject Component(string kind) => document["components"]![kind]!.AsObject();

    private JsonObject Resolve(string reference) =>
        reference.Split('/').Skip(1).Aggregate((JsonNode)document, (node, name) => node[name]!).AsObject();

    private void Prose(string text)
    {
        foreach (var paragraph in text.Split("\n\n"))
        {
            html.Append("<p>");
            Inline(paragraph);
            html.Append("</p>");
        }
    }

    /// <summary>The Markdown that descriptions use: code and bold words.</summary>
    private void Inline(string text)
    {
        foreach (var (i, part) in text.Split('`').Index())
        {
            if (i % 2 == 1)
            {
                html.Append("<code>").Append(Encoded(part)).Append("</code>");
                continue;
            }

            foreach (var (j, word) in part.Split("**").Index())
                html.Append(j % 2 == 1 ? "<strong>" : "").Append(Encoded(word)).Append(j % 2 == 1 ? "</strong>" : "");
        }
    }

    private static string Id(JsonObject operation) => Encoded((string)operation["operationId"]!);

    // A long path or name may be broken behind a separator, so that a narrow screen shows it.
    private static string Breakable(string text) => Encoded(text).Replace("/", "/<wbr>", StringComparison.Ordinal)
        .Replace("_", "_<wbr>", StringComparison.Ordinal).Replace(".", ".<wbr>", StringComparison.Ordinal);

    private static string Encoded(string text) => Encoder.Encode(text);
}
