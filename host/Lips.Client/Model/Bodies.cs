namespace Lips.Client.Bodies;

// What is around the model's records on the wire, called as in the reference.
internal sealed record InteractionChange(Client.InteractionChange ContactInteraction);

internal sealed record NewInteractionBody(NewInteraction ContactInteraction);

internal sealed record InteractionAction(Client.InteractionAction Action);

internal sealed record InteractionActionDone
{
    public required Client.InteractionActionDone Action { get; init; }
}

internal sealed record StoredInteraction
{
    public required long Id { get; init; }
}

internal sealed record NewToken(Client.NewToken Token);

internal sealed record MadeToken
{
    public required Client.MadeToken Token { get; init; }
}

internal sealed record MadeSecret
{
    public required Client.MadeSecret Token { get; init; }
}

internal sealed record OwnToken
{
    public required Token Token { get; init; }
}

internal sealed record Tokens
{
    [System.Text.Json.Serialization.JsonPropertyName("tokens")]
    public required IReadOnlyList<Token> All { get; init; }
}

internal sealed record Error
{
    public required string Name { get; init; }

    public required string Message { get; init; }

    public string? TraceId { get; init; }
}

internal sealed record NotAuthorized
{
    public required string Name { get; init; }

    public required string Message { get; init; }

    public required string Reason { get; init; }
}

internal sealed class Invalid : List<LipsError>;
