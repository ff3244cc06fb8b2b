using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lips.Client.Sending;

/// <summary>How the model is read and written: without reflection, by names in snake_case; what is null is left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Interaction))]
[JsonSerializable(typeof(InteractionPage))]
[JsonSerializable(typeof(InteractionCursorPage))]
[JsonSerializable(typeof(PartnerInteraction))]
[JsonSerializable(typeof(PartnerInteractionPage))]
[JsonSerializable(typeof(ChangePage))]
[JsonSerializable(typeof(AdvertiserPage))]
[JsonSerializable(typeof(HistoryPage))]
[JsonSerializable(typeof(AuditPage))]
[JsonSerializable(typeof(Totals))]
[JsonSerializable(typeof(Series))]
[JsonSerializable(typeof(BulkReport))]
[JsonSerializable(typeof(NewInteraction))]
[JsonSerializable(typeof(Bodies.NewInteractionBody))]
[JsonSerializable(typeof(Bodies.InteractionChange), TypeInfoPropertyName = "InteractionChangeBody")]
[JsonSerializable(typeof(Bodies.InteractionAction), TypeInfoPropertyName = "InteractionActionBody")]
[JsonSerializable(typeof(Bodies.InteractionActionDone), TypeInfoPropertyName = "InteractionActionDoneBody")]
[JsonSerializable(typeof(Bodies.StoredInteraction))]
[JsonSerializable(typeof(Bodies.NewToken), TypeInfoPropertyName = "NewTokenBody")]
[JsonSerializable(typeof(Bodies.MadeToken), TypeInfoPropertyName = "MadeTokenBody")]
[JsonSerializable(typeof(Bodies.MadeSecret), TypeInfoPropertyName = "MadeSecretBody")]
[JsonSerializable(typeof(Bodies.OwnToken))]
[JsonSerializable(typeof(Bodies.Tokens))]
[JsonSerializable(typeof(Bodies.Error))]
[JsonSerializable(typeof(Bodies.NotAuthorized))]
[JsonSerializable(typeof(Bodies.Invalid))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(System.Text.Json.Nodes.JsonNode))]
internal sealed partial class LipsJson : JsonSerializerContext;
