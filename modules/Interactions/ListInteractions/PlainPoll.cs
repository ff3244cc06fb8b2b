using Lips.Interactions.Filter;
using Lips.Kernel;
using Lips.Kernel.Repeats;
using Microsoft.Extensions.Primitives;

namespace Lips.Interactions.ListInteractions;

/// <summary>The same question for a plain page of the same caller once more.</summary>
internal sealed class PlainPoll(PlainList list, Question<Paging> question, Caller caller, StringValues ifNoneMatch, PageAddress address) : IRepeatable
{
    public void Answer(RepeatedAnswer answer) => _ = AnswerAsync(answer);

    private async Task AnswerAsync(RepeatedAnswer answer)
    {
        try
        {
            if (await list.TryReadAsync(question, caller, ifNoneMatch, RepeatPatience.Token) is { } found)
            {
                Answer(answer, found);
                return;
            }
        }
        catch (Exception)
        {
            // The ordinary way has the words for it.
        }

        answer.Leave();
    }

    private void Answer(RepeatedAnswer answer, PlainAnswer found)
    {
        if (found.Page is not { } page)
        {
            answer.NotModified(found.Tag);
            return;
        }

        using (page)
            answer.Json(found.Tag, question.More.Links(address, question.More.TotalPages(found.Counts!.Events)), page.End(question.More, found.Counts).Span);
    }
}
