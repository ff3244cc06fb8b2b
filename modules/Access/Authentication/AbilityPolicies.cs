using Lips.Kernel;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;

namespace Lips.Access.Authentication;

/// <summary>What a policy requires of a caller.</summary>
/// <param name="Ability">The ability that the token needs.</param>
/// <param name="IsForPartners">Whether callers in the partner profile are let in.</param>
internal sealed record AbilityRequirement(Ability Ability, bool IsForPartners) : IAuthorizationRequirement;

/// <summary>
/// The policies of <see cref="Allow"/>: the one place that decides what a token may do, and the words for those who may not.
/// </summary>
internal sealed class AbilityPolicies : AuthorizationHandler<AbilityRequirement>, IAuthorizationMiddlewareResultHandler
{
    /// <summary>Adds the policies.</summary>
    public static void AddTo(AuthorizationOptions options)
    {
        Add(Allow.Read, Ability.Read);
        Add(Allow.ReadInAnyProfile, Ability.Read, isForPartners: true);
        Add(Allow.Write, Ability.Write);
        Add(Allow.Ingest, Ability.Ingest);
        Add(Allow.Admin, Ability.Admin);
        Add(Allow.AnyToken, Ability.None);

        void Add(string name, Ability ability, bool isForPartners = false) =>
            options.AddPolicy(name, policy => policy.AddRequirements(new AbilityRequirement(ability, isForPartners)));
    }

    /// <summary>Lets the request through, or answers 401, 403 or, after too many failures of an address, 429.</summary>
    public Task HandleAsync(
        RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
            return next(context);
        if (authorizeResult.Forbidden)
            return context.NotAuthorized(authorizeResult.AuthorizationFailure!.FailureReasons.First().Message);
        var refused = context.Features.Get<RefusedCredential>()!;
        return refused.RetryAfter is { } seconds ? context.TooManyRequests(seconds) : context.Unauthorized(refused.Message);
    }

    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, AbilityRequirement requirement)
    {
        if ((context.Resource as HttpContext)?.Features.Get<Caller>() is not { } caller)
            return Task.CompletedTask;
        if (!caller.May(requirement.Ability))
            context.Fail(new AuthorizationFailureReason(this, "ability"));
        else if (caller.Profile == Profile.Partner && !requirement.IsForPartners)
            context.Fail(new AuthorizationFailureReason(this, "profile"));
        else
            context.Succeed(requirement);
        return Task.CompletedTask;
    }
}
