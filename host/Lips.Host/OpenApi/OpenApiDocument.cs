using System.Buffers;
using System.Text.Json.Nodes;
using FastEndpoints;
using Lips.Access;
using Lips.Audit;
using Lips.Interactions;
using Lips.Kernel;
using Lips.Kernel.Reference;

namespace Lips.Host.OpenApi;

/// <summary>
/// The OpenAPI 3.1 document of all routes, made from the endpoints themselves (build/decisions/0024-reference.md). Made when it is first
/// asked for: a start does not wait for it.
/// </summary>
public sealed class OpenApiDocument
{
    private const string Schemas = "#/components/schemas/";

    private readonly Lazy<JsonObject> root;
    private readonly Lazy<ReadOnlyMemory<byte>> bytes;

    /// <summary>Nothing is made yet.</summary>
    /// <param name="routes">The application's routes.</param>
    public OpenApiDocument(EndpointDataSource routes)
    {
        root = new(() => Make(routes));
        bytes = new(() =>
        {
            var body = new ArrayBufferWriter<byte>(256 * 1024);
            JsonAnswer.WriteTo(body, json => Root.WriteTo(json));
            return body.WrittenMemory;
        });
    }

    /// <summary>The document. It is not to be changed.</summary>
    /// <exception cref="InvalidOperationException">The descriptions of endpoints contradict the endpoints.</exception>
    public JsonObject Root => root.Value;

    /// <summary>The document as it is served.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes.Value;

    private static IEnumerable<NamedSchema> NamedSchemas =>
        [.. ErrorAnswers.Schemas, .. InteractionsModule.Schemas, .. AccessModule.Schemas, .. AuditModule.Schemas];

    private static JsonObject Make(EndpointDataSource routes)
    {
        var operations = Operations(routes).ToList();
        if (operations.Count == 0)
            throw new InvalidOperationException("The application has no routes: it was not started.");
        var unknown = operations.Select(o => o.Description.Section).Except(ReferenceTexts.Sections.Select(s => s.Name)).ToList();
        if (unknown.Count > 0)
            throw new InvalidOperationException($"The reference has no section {unknown[0]}.");
        var paths = new JsonObject();
        foreach (var operation in operations
            .OrderBy(o => ReferenceTexts.Sections.FindIndex(s => s.Name == o.Description.Section))
            .ThenBy(o => o.IsOld).ThenBy(o => o.Path, StringComparer.Ordinal).ThenBy(o => o.Verb, StringComparer.Ordinal))
        {
            if (paths[operation.Path] is not JsonObject path)
                paths[operation.Path] = path = [];
            path[operation.Verb.ToLowerInvariant()] = operation.ToJson();
        }

        var document = new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = ReferenceTexts.Info(),
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/", ["description"] = "The node that serves this document." }),
            ["tags"] = new JsonArray([
                .. ReferenceTexts.Sections.Select(s => new JsonObject { ["name"] = s.Name, ["description"] = s.Text }),
            ]),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = new JsonObject(NamedSchemas.Select(s => KeyValuePair.Create(s.Name, (JsonNode?)s.Make()))),
                ["responses"] = new JsonObject(
                    ErrorAnswers.All.Values.Select(e => KeyValuePair.Create(e.Name, (JsonNode?)OperationJson.OfError(e)))),
                ["headers"] = ReferenceTexts.Headers(),
                ["securitySchemes"] = ReferenceTexts.SecuritySchemes(),
            },
        };
        Check(document);
        return document;
    }

    // HEAD is said once for all, in the introduction: GET without its body.
    private static IEnumerable<OperationJson> Operations(EndpointDataSource routes) =>
        from route in routes.Endpoints.OfType<RouteEndpoint>()
        let endpoint = route.Metadata.GetMetadata<EndpointDefinition>()
        where endpoint is not null
        from verb in route.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods
        where !HttpMethods.IsHead(verb)
        select new OperationJson(
            route.RoutePattern.RawText!, verb, endpoint.Verbs[0], route.Metadata.GetRequiredMetadata<OperationDescription>(),
            endpoint.PreBuiltUserPolicies?.Single(), route.Metadata.GetMetadata<QueryNames>());

    /// <summary>Every reference has its target, and every operation a name of its own.</summary>
    private static void Check(JsonObject document)
    {
        var known = document["components"]!["schemas"]!.AsObject();
        var names = new HashSet<string>(StringComparer.Ordinal);
        Visit(document);

        void Visit(JsonNode? node)
        {
            IEnumerable<JsonNode?> children = node switch
            {
                JsonObject fields => fields.Select(f => f.Value),
                JsonArray items => items,
                _ => [],
            };
            foreach (var child in children)
                Visit(child);
            if (node is not JsonObject given)
                return;
            if (given["$ref"] is JsonValue reference && (string)reference! is var target
                && target.StartsWith(Schemas, StringComparison.Ordinal) && !known.ContainsKey(target[Schemas.Length..]))
                throw new InvalidOperationException($"The reference has no schema {target}.");
            if (given["operationId"] is JsonValue id && !names.Add((string)id!))
                throw new InvalidOperationException($"Two operations are called {id}.");
        }
    }
}
