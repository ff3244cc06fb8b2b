using System.Text;
using Lips.Testing;
using Xunit;

namespace Lips.Kernel.Tests;

public sealed class JsonFaultTests
{
    [Theory]
    [InlineData("", "is empty", 1, 1)]
    [InlineData(" \r\n\t", "is empty", 1, 1)]
    [InlineData("{", "ends early: its JSON is not complete", 1, 2)]
    [InlineData("{\"a\":{\"read\":true}", "ends early: its JSON is not complete", 1, 19)]
    [InlineData("{\"a\":", "ends early: its JSON is not complete", 1, 6)]
    [InlineData("{\"a\":1,", "ends early: its JSON is not complete", 1, 8)]
    [InlineData("{\"a\":12", "ends early: its JSON is not complete", 1, 8)]
    [InlineData("{\"a\":tru", "ends early: its JSON is not complete", 1, 9)]
    [InlineData("{\n\"a\":\n\"depth", "ends early: its JSON is not complete", 3, 7)]
    [InlineData("[1,[2]\n", "ends early: its JSON is not complete", 2, 1)]
    [InlineData("\"a\\", "ends early: its JSON is not complete", 1, 4)]
    [InlineData("{} {}", "has something behind the end of its JSON", 1, 4)]
    [InlineData("{\"a\":1}\n\n x", "has something behind the end of its JSON", 3, 2)]
    [InlineData("{}}", "has something behind the end of its JSON", 1, 3)]
    [InlineData("[1]// why", "has something behind the end of its JSON", 1, 4)]
    [InlineData("1 2", "has something behind the end of its JSON", 1, 3)]
    [InlineData("nonsense", "is not JSON", 1, 2)]
    [InlineData("{\"a\":1,}", "is not JSON", 1, 8)]
    [InlineData("{'a':1}", "is not JSON", 1, 2)]
    [InlineData("{\"depth\":\n01}", "is not JSON", 2, 2)]
    [InlineData("{\"a\":[1}", "is not JSON", 1, 8)]
    [InlineData("/* depth */ {}", "is not JSON", 1, 1)]
    public void What_is_wrong_and_where_is_said_true_to_the_cause(string json, string what, long line, long at) =>
        Assert.Equal(new JsonFault(what, line, at), JsonFault.Of(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [Each(33, 34, 100_000)]
    public void Too_deep_is_said_also_where_the_rest_is_wrong_or_missing(int levels)
    {
        foreach (var end in (string[])[new string(']', levels), "", "x"])
            Assert.Equal(
                new JsonFault("is JSON deeper than 32 levels", 1, 33), JsonFault.Of(Encoding.UTF8.GetBytes(new string('[', levels) + end)));
    }
}
