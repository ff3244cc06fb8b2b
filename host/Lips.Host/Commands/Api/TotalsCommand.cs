using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lips.Client;

namespace Lips.Host.Commands.Api;

/// <summary><c>lips totals</c>: how many interactions there are, once or after every change.</summary>
internal static class TotalsCommand
{
    public static Command New()
    {
        var filter = new FilterOptions();
        var watch = new Option<bool>("--watch") { Description = "Again after every change, until Ctrl-C." };
        return ApiCommand.New(
            "totals", "Count interactions: all and unread, by type and by channel.", [.. filter.All, watch],
            (parsed, client, output, cancellation) => parsed.GetValue(watch)
                ? WatchAsync(client, filter.Of(parsed), output, cancellation)
                : ShowAsync(client, filter.Of(parsed), output, cancellation));
    }

    private static async Task<int> ShowAsync(
        LipsClient client, InteractionFilter filter, Output output, CancellationToken cancellation)
    {
        var totals = await client.GetTotalsAsync(filter, cancellation);
        Write(output, totals, Lines(totals));
        return ExitCodes.Done;
    }

    private static async Task<int> WatchAsync(
        LipsClient client, InteractionFilter filter, Output output, CancellationToken cancellation)
    {
        void Say(LipsException e) => Output.SayAsync(e.Message).GetAwaiter().GetResult();
        await foreach (var totals in client.WatchTotalsAsync(filter, Say, cancellation))
        {
            Write(output, totals, [string.Create(
                CultureInfo.InvariantCulture,
                $"{DateTimeOffset.Now:HH:mm:ss}  {totals.All.Events} interactions, {totals.Unread.Events} unread")]);
        }

        return ExitCodes.Done;
    }

    private static void Write(Output output, Totals totals, IEnumerable<string> lines) =>
        output.Write(JsonSerializer.SerializeToNode(totals, LipsClient.JsonOptions)!, lines);

    private static IEnumerable<string> Lines(Totals totals) => Output.Table(
        ["", "all", "unread"],
        Row("interactions", totals.All.Events, totals.Unread.Events),
        Row("calls", totals.All.CallEvents, totals.Unread.CallEvents),
        Row("forms", totals.All.FormEvents, totals.Unread.FormEvents),
        Row("chats", totals.All.ChatEvents, totals.Unread.ChatEvents),
        Row("bookings", totals.All.BookingEvents, totals.Unread.BookingEvents),
        Row("lsa", totals.All.LsaEvents, totals.Unread.LsaEvents),
        Row("first-party", FirstParty(totals.All), FirstParty(totals.Unread)),
        Row("search", totals.Channel.Search),
        Row("display", totals.Channel.Display),
        Row("social", totals.Channel.Social),
        Row("chat", totals.Channel.Chat),
        Row("other channels", totals.Channel.Other),
        Row("no channel", totals.Channel.None));

    // The answer has all and five of the six types.
    private static long FirstParty(EventCounts of) =>
        of.Events - of.CallEvents - of.FormEvents - of.ChatEvents - of.BookingEvents - of.LsaEvents;

    private static string[] Row(string name, long all, long? unread = null) =>
        [name, all.ToString(CultureInfo.InvariantCulture), unread?.ToString(CultureInfo.InvariantCulture) ?? ""];
}
