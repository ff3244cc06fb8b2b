using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Filter;

public sealed class EventTypeFilterTests(EventTypeFilterTests.OneOfEach fixture) : IClassFixture<EventTypeFilterTests.OneOfEach>
{
    // The chart of the seed, and what else it says of it in contract section 4. Letters: see OneOfEach.
    public static TheoryData<string, string> Chart() => new()
    {
        { "booking", "B" },
        { "call", "C" },
        { "chat", "aeors" },
        { "chat_other", "o" },
        { "chat_sales", "a" },
        { "chat_service", "e" },
        { "dyipost", "D" },
        { "email", "E" },
        { "facebook", "F" },
        { "form", "P" },
        { "fpd", "X" },
        { "lsa", "L" },
        { "promotion", "M" },
        { "sms", "S" },
        { "calls", "C" },
        { "chats", "aeors" },
        { "forms", "P" },
        { "bookings", "B" },
        { "emails", "E" },
        { "promotions", "M" },
        { "diypost", "D" },
        { "CALL", "C" },
        { "Chat_Sales", "a" },
        { "DYIPOST", "D" },
        { "SMS", "S" },
        { "CallEvent", "C" },
        { "FormEvent", "DEFMNPS" },
        { "formevent", "DEFMNPS" },
        { "ChatEvent", "aeors" },
        { "BookingEvent", "B" },
        { "FPDEVENT", "X" },
        { "LsaEvent", "L" },
    };

    public static TheoryData<string, string> Unions() => new()
    {
        { "event_type[]=form&event_type[]=calls", "CP" },
        { "event_type=form&event_type=call", "CP" },
        { "event_type[]=chat_sales&event_type[]=chat_service", "ae" },
        { "event_type[]=chat&event_type[]=chat_sales&event_type[]=chat_other", "aeors" },
        { "event_type[]=chat_sales&event_type[]=chat", "aeors" },
        { "event_type[]=call&event_type[]=CALLS&event_type[]=call", "C" },
        { "event_type[]=lsa&event_type[]=fpd&event_type[]=booking&event_type[]=sms", "BLSX" },
        { "event_type%5B%5D=email", "E" },
        { "event_type[0]=call&event_type[1]=chat", "Caeors" },
        { "event_type%5B0%5D=call&event_type%5b7%5d=form", "CP" },
        { "event_type[0]=call&event_type[]=lsa&event_type=fpd", "CLX" },
        { "event_type[]=FormEvent&event_type[]=form&event_type[]=calls", "CDEFMNPS" },
        { "", "BCDEFLMNPSXaeors" },
    };

    [Theory]
    [MemberData(nameof(Chart))]
    public async Task An_event_type_finds_what_the_chart_says(string value, string expected) =>
        Assert.Equal(expected, await fixture.FoundAsync($"event_type[]={value}"));

    [Theory]
    [MemberData(nameof(Unions))]
    public async Task Several_event_types_are_a_union_and_chat_absorbs_its_kinds(string query, string expected) =>
        Assert.Equal(expected, await fixture.FoundAsync(query));

    [Theory]
    [Each("call,form", "Call_Event", "SmsEvent", "formpost", "call ")]
    public async Task Another_event_type_is_refused(string value)
    {
        var answer = await fixture.Node.Client.GetAnswerAsync(
            $"/contact_interactions?global_master_advertiser_id=USA_1&event_type[]={Uri.EscapeDataString(value)}&event_type[]=call");

        Assert.Equal(["event_type"], answer.Is(422).Attributes);
    }

    /// <summary>
    /// One interaction of each kind that the chart tells apart, and some that it does not name; each is called by a letter.
    /// </summary>
    public sealed class OneOfEach : IAsyncLifetime
    {
        private readonly NodeFixture fixture = new();
        private readonly Dictionary<long, char> names = [];

        public LipsNode Node => fixture.Node;

        /// <summary>The letters of what a filter finds, in order; fails when the counts say otherwise.</summary>
        public async Task<string> FoundAsync(string query)
        {
            var answer = (await Node.Client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_1&" + query)).Is(200);
            Assert.Equal(answer.Ids.Count, (int)answer.Json["totals"]!["events"]!);
            return string.Concat(answer.Ids.Select(id => names[id]).Order());
        }

        public async Task InitializeAsync()
        {
            await fixture.InitializeAsync();
            await AddAsync('B', "BookingEvent");
            await AddAsync('C', "CallEvent", ("sub_type", "FormPost"));
            await AddAsync('L', "LsaEvent", ("lsa", new { lead_type = "Sales" }));
            await AddAsync('X', "FpdEvent", ("sub_type", "Facebook"));
            await AddAsync('a', "ChatEvent", ("chat", new { lead_type = "Sales" }));
            await AddAsync('e', "ChatEvent", ("chat", new { lead_type = "service" }));
            await AddAsync('o', "ChatEvent", ("chat", new { lead_type = "Other" }));
            await AddAsync('r', "ChatEvent", ("chat", new { lead_type = "Lead" }));
            await AddAsync('s', "ChatEvent");
            await AddAsync('D', "FormEvent", ("sub_type", "DIYFORMPOST"));
            await AddAsync('E', "FormEvent", ("sub_type", "FormEmail"));
            await AddAsync('F', "FormEvent", ("sub_type", "Facebook"));
            await AddAsync('P', "FormEvent", ("sub_type", "FormPost"));
            await AddAsync('M', "FormEvent", ("sub_type", "Promotion"));
            await AddAsync('S', "FormEvent", ("sub_type", "SMSRequest"));
            await AddAsync('N', "FormEvent", ("sub_type", "Newsletter"));
        }

        public Task DisposeAsync() => fixture.DisposeAsync();

        private async Task AddAsync(char name, string type, params (string, object?)[] more) =>
            names.Add(await Node.Client.NewAsync("USA_1", type, more), name);
    }
}
