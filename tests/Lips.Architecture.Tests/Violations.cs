// What the rules forbid, once each, so that a test sees every rule fail. The namespaces are those of the parts that the types pretend to
// belong to.

namespace Lips.Kernel.Violations
{
    public static class SeesAModule
    {
        public static long Value(object value) => ((Counters.Contracts.Counts)value).Events;
    }

    internal static class Hidden;
}

namespace Lips.Access.Violations
{
    public sealed class SeesAContractOfTheRecord
    {
        public List<Interactions.Contracts.Violation[]> Values { get; } = [];
    }

    internal static class TouchesAnotherSchema
    {
        public static string Sql(int id) => $"UPDATE interactions.interactions SET read = true WHERE id = {id}";
    }
}

namespace Lips.Counters.Violations
{
    public sealed class SeesTheRecord
    {
        public static async Task<string> NameAsync()
        {
            await Task.Yield();
            return Spelled();
        }

        private static string Spelled() => typeof(Interactions.InteractionsModule).Name;
    }
}

namespace Lips.Interactions.Contracts
{
    public sealed class Violation
    {
        public void Add(Npgsql.NpgsqlBatch batch) => batch.BatchCommands.Clear();
    }
}

namespace Lips.Interactions.Violations
{
    public sealed class SeesTheInsideOfAModule
    {
        public static string Name => Access.AdminToken.FileName + default(Generic<Access.AdminToken>);

        private readonly struct Generic<T>;
    }

    public sealed class SeesTheHost
    {
        public static object Application() => Host.LipsApplication.CreateBuilder([]);
    }
}

namespace Lips.Demo.Violations
{
    public sealed class SeesTheKernel : IComparer<Kernel.GlobalId>
    {
        public int Compare(Kernel.GlobalId x, Kernel.GlobalId y) => 0;
    }
}

namespace Lips.Interactions.SliceOne
{
    using FastEndpoints;

    internal sealed class FirstEndpoint : EndpointWithoutRequest
    {
        public override void Configure()
        {
            Get("/first");
            AllowAnonymous();
        }

        public override Task HandleAsync(CancellationToken ct) => Task.FromResult(SliceTwo.SecondEndpoint.Something());
    }
}

namespace Lips.Interactions.SliceTwo
{
    using FastEndpoints;

    internal sealed class SecondEndpoint : EndpointWithoutRequest
    {
        public override void Configure() => Get("/second");

        public static int Something() => 1;

        public override Task HandleAsync(CancellationToken ct) => Task.CompletedTask;
    }

    internal sealed class ThirdEndpoint : EndpointWithoutRequest
    {
        public override void Configure()
        {
            Get("/third");
            Policies(Kernel.Allow.ReadInAnyProfile);
            Kernel.EndpointRules.Describe(Definition, new("third", "Interactions", "Third.") { Answers = [] });
        }

        public override Task HandleAsync(CancellationToken ct) => Task.CompletedTask;
    }
}

namespace Lips.Interactions.SharedByBoth
{
    internal static class Helper
    {
        public static int Something => SliceTwo.SecondEndpoint.Something();
    }
}
