using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lips.Client;

namespace Lips.Host.Commands.Api;

/// <summary><c>lips tail</c>: an advertiser's interactions in the order of their last change.</summary>
internal static class TailCommand
{
    private static readonly TimeSpan BetweenPolls = TimeSpan.FromSeconds(1);

    public static Command New()
    {
        var advertiser = new Argument<string>("advertiser") { Description = "Such as USA_123." };
        var since = new Option<string?>("--since")
        {
            Description = "A cursor, start for everything, or now; now where nothing is said.",
            HelpName = "cursor",
        };
        var file = new Option<string?>("--cursor-file")
        {
            Description = "Where the cursor is kept: a tail that is called again goes on there.",
            HelpName = "file",
        };
        var once = new Option<bool>("--once") { Description = "End at the end of the feed." };
        return ApiCommand.New(
            "tail", "Print interactions as they change, until Ctrl-C. The last line on the error output has the cursor.",
            [advertiser, since, file, once],
            (parsed, client, output, cancellation) => RunAsync(
                client, parsed.GetRequiredValue(advertiser), parsed.GetValue(since), parsed.GetValue(file),
                parsed.GetValue(once) ? null : BetweenPolls, output, cancellation));
    }

    private static async Task<int> RunAsync(
        LipsClient client, string advertiser, string? since, string? file, TimeSpan? pollEvery, Output output,
        CancellationToken cancellation)
    {
        var cursor = since switch
        {
            null => file is not null && File.Exists(file) ? (await File.ReadAllTextAsync(file, cancellation)).Trim() : LipsClient.Now,
            "start" => null,
            _ => since,
        };
        string? reached = null;
        try
        {
            await foreach (var part in client.ReadChangesAsync(advertiser, cursor, pollEvery, cancellation))
            {
                foreach (var interaction in part.ContactInteractions)
                    output.Write(JsonSerializer.SerializeToNode(interaction, LipsClient.JsonOptions)!, Line(interaction));
                if (file is not null && part.Next != cursor)
                    await Files.ReplaceAsync(file, part.Next, cancellation);
                reached = cursor = part.Next;
            }
        }
        finally
        {
            if (reached is not null)
                await Output.SayAsync($"go on with --since {reached}");
        }

        return ExitCodes.Done;
    }

    private static string Line(Interaction i) => string.Create(
        CultureInfo.InvariantCulture,
        $"{i.Id}  {i.OccurredAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z  {i.EventType}  {State(i)}  {i.Contact.DisplayName}");

    private static string State(Interaction i) => i.ArchivedAt is not null ? "archived" : i.Read ? "read" : "unread";
}
