using Lips.Kernel;
using Microsoft.AspNetCore.Http;

namespace Lips.Interactions.Writing;

/// <summary>What a client is told of a change that was not made.</summary>
internal static class ChangeAnswers
{
    /// <summary>Answers 404 or 412; nothing when the change was applied, which is 200 with an empty body then.</summary>
    public static Task Refuse(this HttpContext http, ChangeOutcome outcome) => outcome switch
    {
        ChangeOutcome.NotFound => http.NotFound("There is no such interaction."),
        ChangeOutcome.PreconditionFailed => http.Status(StatusCodes.Status412PreconditionFailed),
        _ => Task.CompletedTask,
    };
}
