using Lips.Testing;
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
    [InlineData("?p[0]=a&p[1]=b", "a|b")]
    [InlineData("?p%5B0%5D=a&p%5b10%5d=b&p[]=c&p=d", "a|b|c|d")]
    [InlineData("?P=a&pp=b&p[x]=c&p[0=d&p0]=e&p[-1]=f", "")]
    [InlineData("?", "")]
    [InlineData("", "")]
    public void The_values_of_a_parameter_are_read_in_every_form(string query, string values)
    {
        var reader = Read(query);

        Assert.Equal(values, string.Join('|', reader.Many("p")));
        Assert.True(reader.Errors.None);
    }

    [Theory]
    [Each("?p=%", "?p=%4", "?p=%4g", "?p=% 4", "?p=%+4", "?p=%-4", "?%=a", "?p=%ff", "?p=%c3", "?p=%c3&q=%a4", "?p=%ed%a0%80",
        "?p=%c0%af")]
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
    [InlineData("?p=+%09%C2%A0", "must not be empty")]
    [InlineData("?p[0]=a&p[1]=b", "must be given only once")]
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
    [InlineData("5.0", 5)]
    [InlineData("0.5e1", 5)]
    [InlineData("0", null)]
    [InlineData("11", null)]
    [InlineData("+5", null)]
    [InlineData("-5", null)]
    [InlineData("5.1", null)]
    [InlineData("5.", null)]
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

    [Theory]
    [Each("p[x]", "p[gte]", "p[][]", "p[x][]", "p[0][x]", "p[", "p]", "p.x", "P", "p%255B%255D", "%2570", "p%25255B0%25255D", "amp;p",
        "amp;amp;p[]", "?p", "+p", "p+", "p%3D", "long-name", "LongName", "long_name[in]", "hash", "hash[]", "hash[key][x]",
        "hash[0][key]", "Hash.Key")]
    public void A_known_parameter_in_a_form_that_is_not_read_is_an_error_and_not_ignored(string name)
    {
        var reader = Read($"?{name}=1&other=2&hash[another]=3");
        string[] known = ["p", "long_name", "hash[key]"];
        foreach (var one in known)
            Assert.Empty(reader.Many(one));
        reader.RefuseUnknown(new DefaultHttpContext().Request);

        var line = Assert.Single(reader.Errors.Lines);
        Assert.Contains(line.Attribute, known);
        Assert.StartsWith("is given in a form that is not read: ", line.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("TRUE", true)]
    [InlineData("True", true)]
    [InlineData("1", true)]
    [InlineData("false", false)]
    [InlineData("False", false)]
    [InlineData("0", false)]
    [InlineData("maybe", null)]
    [InlineData("", null)]
    [InlineData("+", null)]
    [InlineData("yes", null)]
    [InlineData("on", null)]
    [InlineData("2", null)]
    [InlineData("01", null)]
    [InlineData("true+", null)]
    [InlineData("t", null)]
    [InlineData("null", null)]
    public void A_boolean_is_true_or_false_or_one_or_zero_and_nothing_else(string text, bool? value)
    {
        var reader = Read("?p=" + text);

        Assert.Equal(value, reader.Boolean("p"));
        Assert.Equal(value is null, reader.Errors.Has("p"));
    }

    private static QueryReader Read(string query)
    {
        Assert.True(QueryReader.TryParse(new QueryString(query), out var reader));
        return reader;
    }
}
