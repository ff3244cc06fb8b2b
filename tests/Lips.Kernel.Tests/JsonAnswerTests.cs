using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Xunit;

namespace Lips.Kernel.Tests;

public sealed class JsonAnswerTests
{
    private const int ServersOwn = 64 * 1024;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(ServersOwn)]
    [InlineData(ServersOwn + 1)]
    [InlineData(10_000_000)]
    public async Task Of_an_answer_that_nobody_takes_the_server_gets_a_piece_and_no_second_copy_of_it_all(int length)
    {
        var server = new Pipe(new PipeOptions(pauseWriterThreshold: ServersOwn, resumeWriterThreshold: ServersOwn / 2));
        var http = new DefaultHttpContext();
        http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(server.Writer.AsStream()));
        var body = new byte[length];
        Random.Shared.NextBytes(body);

        var sending = http.AnswerJson(StatusCodes.Status200OK, body);
        var taken = new ArrayBufferWriter<byte>();
        while (taken.WrittenCount < length)
        {
            var piece = (await server.Reader.ReadAsync()).Buffer;
            Assert.InRange(piece.Length, 1, 2 * ServersOwn);
            foreach (var memory in piece)
                taken.Write(memory.Span);
            server.Reader.AdvanceTo(piece.End);
        }

        await sending;
        Assert.Equal(length, http.Response.ContentLength);
        Assert.True(body.AsSpan().SequenceEqual(taken.WrittenSpan));
    }
}
