using Microsoft.AspNetCore.Http;
using Xunit;

namespace Lips.Kernel.Tests;

public sealed class QueryReaderTests
{
    [Theory]
    [InlineData("?p=a", "a")]
    [InlineData("?p=a&p=b", "a|b")]
    [InlineData("?p[]=a&p[]=b", "a|b")]
    [InlineData("?p[]=a&q=x&p=b", "a|b")]
    [InlineData("?%70%5B%5d=a", "a")]
    [InlineData("?p=a+b%20c%2Bd", "a b c+d")]
    [InlineData("?p=a=b", "a=b")]
    [InlineData("?p=a,b", "a,b")]
    [InlineData("?&&p=a&", "a")]
    [InlineData("?p=%c3%a4%F0%9F%98%80", "ä😀")]
    [InlineData("?p=ä😀", "ä😀")]
    [InlineData("?p=%26%3D%25", "&=%")]
    [InlineData("?P=a&pp=b&p[0]=c", "")]
    [InlineData("?", "")]
    [InlineData("", "")]
    public void The_values_of_a_parameter_are_read_in_every_form(string query, string values)
    {
        var reader = Read(query);

        Assert.Equal(values, string.Join('|', reader.Many("p")));
        Assert.True(reader.Errors.None);
    }

    [Theory]
    [InlineData("?p=%")]
    [InlineData("?p=%4")]
    [InlineData("?p=%4g")]
    [InlineData("?p=% 4")]
    [InlineData("?p=%+4")]
    [InlineData("?p=%-4")]
    [InlineData("?%=a")]
    [InlineData("?p=%ff")]
    [InlineData("?p=%c3")]
    [InlineData("?p=%c3&q=%a4")]
    [InlineData("?p=%ed%a0%80")]
    [InlineData("?p=%c0%af")]
    public void What_cannot_be_decoded_is_refused_whole(string query) => Assert.False(QueryReader.TryParse(new QueryString(query), out _));

    [Fact]
    public void Half_a_surrogate_pair_cannot_be_decoded()
    {
        // Not inline data: an attribute's strings are kept as UTF-8, which has none.
        foreach (var half in (string[])["\ud800", "\ud800x", "\udc00", "\udc00\ud800"])
            Assert.False(QueryReader.TryParse(new QueryString("?p=" + half), out _));
    }

    [Theory]
    [InlineData("?p=", "must not be empty")]
    [InlineData("?p", "must not be empty")]
    [InlineData("?p=a%00", "must not contain the NUL character")]
    [InlineData("?p=a&p=b", "must be given only once")]
    [InlineData("?p=a&p[]=a", "must be given only once")]
    public void A_single_value_that_is_wrong_is_told(string query, string message)
    {
        var reader = Read(query);

        Assert.Null(reader.Single("p"));
        Assert.Equal([new AttributeError("p", message)], reader.Errors.Lines);
    }

    [Theory]
    [InlineData("1", 1)]
    [InlineData("007", 7)]
    [InlineData("10", 10)]
    [InlineData("0", null)]
    [InlineData("11", null)]
    [InlineData("+5", null)]
    [InlineData("-5", null)]
    [InlineData("5.0", null)]
    [InlineData("5%20", null)]
    [InlineData("0x5", null)]
    [InlineData("%D9%A5", null)]
    [InlineData("99999999999", null)]
    public void A_number_is_whole_plain_and_within_its_bounds(string text, int? value)
    {
        var reader = Read("?p=" + text);

        Assert.Equal(value, reader.Integer("p", 1, 10, "rule"));
        Assert.Equal(value is null ? [new AttributeError("p", "rule")] : [], reader.Errors.Lines);
    }

    [Fact]
    public void Ids_are_read_with_commas_and_each_is_kept_once()
    {
        var reader = Read("?id=USA_1,CAN_2&id[]=USA_1&id=TEST_3%2CUSA_4");

        Assert.Equal(["USA_1", "CAN_2", "TEST_3", "USA_4"], reader.GlobalIds("id", 4).Select(i => i.ToString()));
        Assert.True(reader.Errors.None);
    }

    [Fact]
    public void More_ids_than_allowed_and_each_that_is_none_are_told()
    {
        var reader = Read("?many=USA_1,USA_2,USA_3&bad=usa_1,USA_2,x,");

        Assert.Equal(3, reader.GlobalIds("many", 2).Count);
        Assert.Equal(["USA_2"], reader.GlobalIds("bad", 2).Select(i => i.ToString()));
        Assert.Equal(["many", "bad", "bad", "bad"], reader.Errors.Lines.Select(l => l.Attribute));
    }

    [Theory]
    [InlineData("handling=strict", true)]
    [InlineData("Handling=\"STRICT\"", true)]
    [InlineData("respond-async, handling = strict;x=y", true)]
    [InlineData("handling=lenient", false)]
    [InlineData("handling=strictly", false)]
    [InlineData("x=\"handling=strict", false)]
    [InlineData(null, false)]
    public void Unknown_parameters_are_refused_only_where_the_client_prefers_it(string? prefer, bool refused)
    {
        var http = new DefaultHttpContext();
        if (prefer is not null)
            http.Request.Headers["Prefer"] = prefer;
        var reader = Read("?known=1&other=2&other[]=3&%1b=4");
        reader.Single("known");
        reader.RefuseUnknown(http.Request);

        Assert.Equal(refused ? ["other", "?"] : [], reader.Errors.Lines.Select(l => l.Attribute));
        Assert.Equal(refused, http.Response.Headers.ContainsKey("Preference-Applied"));
    }

    private static QueryReader Read(string query)
    {
        Assert.True(QueryReader.TryParse(new QueryString(query), out var reader));
        return reader;
    }
}
