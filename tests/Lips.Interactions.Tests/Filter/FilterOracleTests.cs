using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Filter;

/// <summary>Asks random questions about random interactions, and compares each answer with one that was worked out in memory.</summary>
public sealed class FilterOracleTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private const int Interactions = 400;
    private const int Questions = 300;

    private readonly HttpClient client = fixture.Client;

    [Theory]
    [InlineData(20210906)]
    public async Task Any_combination_of_filters_sorting_and_paging_is_answered_as_the_contract_says(int seed)
    {
        var world = new OracleWorld(seed);
        var all = await BringInAsync(world);
        var (answersWithRows, failures) = (0, new List<string>());

        for (var n = 0; n < Questions; n++)
        {
            var question = world.NewQuestion(all);
            var expected = question.Answer(all);
            var listed = await client.GetAnswerAsync($"/contact_interactions?{question.Filters}&{question.PagingAndSorting}");
            var counted = await client.GetAnswerAsync($"/contact_interactions/totals?{question.Filters}");
            if (listed.Status != 200 || counted.Status != 200)
            {
                failures.Add($"{question.Filters}&{question.PagingAndSorting}: {listed.Status} {counted.Status} {listed.Body}");
                continue;
            }

            var page = expected.Skip((question.Page - 1) * question.PerPage).Take(question.PerPage).Select(i => i.Id).ToList();
            answersWithRows += page.Count > 0 ? 1 : 0;
            var totalPages = Math.Max(1, (expected.Count + question.PerPage - 1) / question.PerPage);
            var rest = listed.Json.AsObject();
            rest.Remove("contact_interactions");
            var expectedRest = Counts(expected);
            Compare("totals", expectedRest.ToJsonString(), counted.Body);
            expectedRest.Insert(0, "page", question.Page);
            expectedRest.Insert(1, "total_pages", totalPages);
            expectedRest.Insert(2, "per_page", question.PerPage);
            Compare("ids", string.Join(' ', page), string.Join(' ', listed.Ids));
            Compare("rest", expectedRest.ToJsonString(), rest.ToJsonString());
            var (forward, backward) = await WalkAsync(question);
            Compare("cursors forward", string.Join(' ', expected.Select(i => i.Id)), forward);
            Compare("cursors backward", string.Join(' ', expected.Select(i => i.Id)), backward);

            void Compare(string what, string right, string answered)
            {
                if (right != answered)
                    failures.Add(
                        $"{question.Filters}&{question.PagingAndSorting}\n  {what} should be {right}\n  {what} answered  {answered}");
            }
        }

        Assert.True(failures.Count == 0, $"{failures.Count} answers are wrong (seed {seed}):\n{string.Join('\n', failures.Take(10))}");
        // Questions that find nothing would agree with a service that never finds anything.
        Assert.True(answersWithRows > Questions / 3, $"Only {answersWithRows} of {Questions} questions found anything.");
    }

    /// <summary>The ids of the whole list by cursors: from its beginning on, and then back from its end.</summary>
    private async Task<(string Forward, string Backward)> WalkAsync(Question question)
    {
        var (ids, last) = (new List<long>(), (Answer?)null);
        var address = $"/contact_interactions?{question.Filters}&{question.Sorting}&limit={Math.Max(20, question.PerPage)}";
        for (string? next = ""; next is not null; next = (string?)last.Json["next"])
        {
            last = (await client.GetAnswerAsync($"{address}{(next.Length == 0 ? "" : "&after=" + next)}")).Is(200);
            ids.AddRange(last.Ids);
            Assert.Equal(last.Json["next"] is not null, (bool)last.Json["has_more"]!);
        }

        var back = last!.Ids.ToList();
        for (var hasMore = back.Count > 0; hasMore; hasMore = (bool)last.Json["has_more"]!)
        {
            last = (await client.GetAnswerAsync($"{address}&before={(string)last.Json["previous"]!}")).Is(200);
            back.InsertRange(0, last.Ids);
        }

        return (string.Join(' ', ids), string.Join(' ', back));
    }

    private async Task<IReadOnlyList<Known>> BringInAsync(OracleWorld world)
    {
        var all = Enumerable.Range(0, Interactions).Select(world.NewInteraction)
            .DistinctBy(i => i.ExternalId is null ? (object)i : (i.Advertiser, i.ExternalAppId, i.ExternalId)).ToList();
        foreach (var interaction in all)
        {
            var answer = await client.IngestAsync(interaction.ToJson());
            (interaction.Id, interaction.ContactId) = ((long)answer["id"]!, (long)answer["contact_id"]!);
        }

        return all;
    }

    private static JsonObject Counts(IReadOnlyList<Known> found)
    {
        return new JsonObject
        {
            ["totals"] = Events([.. found]),
            ["unread"] = Events([.. found.Where(i => !i.Read)]),
            ["channel"] = new JsonObject
            {
                ["channels"] = found.Count,
                ["display"] = Of("display"),
                ["search"] = Of("search"),
                ["social"] = Of("social"),
                ["chat"] = Of("chat"),
                ["other"] = Of("other"),
                ["none"] = Of(null),
            },
        };

        int Of(string? channel) => found.Count(i => i.Channel == channel);

        static JsonObject Events(Known[] events) => new()
        {
            ["events"] = events.Length,
            ["call_events"] = events.Count(i => i.EventType == "CallEvent"),
            ["form_events"] = events.Count(i => i.EventType == "FormEvent"),
            ["chat_events"] = events.Count(i => i.EventType == "ChatEvent"),
            ["booking_events"] = events.Count(i => i.EventType == "BookingEvent"),
            ["lsa_events"] = events.Count(i => i.EventType == "LsaEvent"),
        };
    }
}
