namespace Lips.Interactions.Writing;

/// <summary>Whose interactions are; that never changes.</summary>
internal static class InteractionOwners
{
    // Index: interactions_by_id.
    public const string Select = "SELECT id, advertiser FROM interactions.interactions WHERE id = ANY($1)";
}
