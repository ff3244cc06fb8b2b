using System.Text.RegularExpressions;
using Lips.Host.Tests.Processes;
using Lips.Kernel.Database;
using Lips.Testing;
using Npgsql;
using Xunit;

namespace Lips.Host.Tests;

/// <summary>
/// What the role of nodes may do, and who migrates. That its rights suffice every test shows that has a node: each connects as that role.
/// </summary>
public sealed class RolesTests
{
    public static TheoryData<string> Forbidden =>
    [
        "CREATE SCHEMA another",
        "CREATE TABLE interactions.another ()",
        "CREATE INDEX ON interactions.interactions (notes)",
        "ALTER TABLE access.tokens ADD COLUMN another text",
        "ALTER TABLE audit.entries DISABLE TRIGGER ALL",
        "DROP TABLE counters.cells",
        "TRUNCATE audit.entries",
        "TRUNCATE interactions.interactions",
        "DELETE FROM audit.entries",
        "DELETE FROM audit.entry_advertisers",
        "UPDATE audit.entries SET token_id = 1",
        "DELETE FROM interactions.interactions",
        "DELETE FROM interactions.contacts",
        "DELETE FROM access.tokens",
        "DELETE FROM counters.cells",
        "UPDATE interactions.idempotency_keys SET token_id = 1",
        "DELETE FROM access.migrations",
        "UPDATE orleans.orleansquery SET querytext = ''",
        "SELECT setval('interactions.interaction_ids', 1)",
        "CREATE ROLE another",
        "CREATE FUNCTION interactions.another() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    ];

    [Theory]
    [MemberData(nameof(Forbidden))]
    public async Task The_role_of_nodes_is_refused_what_the_owner_may(string statement)
    {
        var owner = await TestPostgres.NewDatabaseAsync();

        var refused = await Assert.ThrowsAsync<PostgresException>(
            () => TestPostgres.ExecuteAsync(TestPostgres.AsApplication(owner), statement));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        await TestPostgres.ExecuteAsync(owner, $"BEGIN; {statement}; ROLLBACK");
    }

    [Fact]
    public async Task Nodes_connect_as_their_own_role_and_leave_no_session_of_the_owner()
    {
        await using var node = await LipsNode.StartAsync();
        await node.Client.IngestAsync(Records.New("one"));
        (await node.Client.GetAnswerAsync("/contact_interactions/totals?global_master_advertiser_id=USA_1")).Is(200);

        Assert.Equal("lips_app", await TestPostgres.ScalarAsync<string>(
            node.ConnectionString,
            "SELECT string_agg(DISTINCT usename, ',') FROM pg_stat_activity WHERE "
                + "datname = current_database() AND pid <> pg_backend_pid()"));
    }

    [Fact]
    public async Task Every_table_has_its_line_in_the_grants()
    {
        var database = await TestPostgres.NewDatabaseAsync();
        const string withoutGrant =
            """
            SELECT coalesce(string_agg(c.oid::regclass::text, ','), '') FROM pg_class c
            WHERE c.relkind IN ('r', 'p') AND c.relnamespace IN (SELECT oid FROM pg_namespace
                WHERE nspname IN ('access', 'audit', 'counters', 'interactions', 'orleans', 'another'))
                AND NOT has_table_privilege('lips_app', c.oid, 'SELECT')
            """;

        Assert.Equal("", await TestPostgres.ScalarAsync<string>(database, withoutGrant));

        await TestPostgres.ExecuteAsync(database, "CREATE TABLE audit.more ()");
        Assert.Equal("audit.more", await TestPostgres.ScalarAsync<string>(database, withoutGrant));
    }

    [Fact]
    public async Task A_node_that_may_not_migrate_says_so_and_serves_once_somebody_has()
    {
        using var home = new TempHome();
        var owner = await TestPostgres.NewEmptyDatabaseAsync();
        // The server's role has to be there to connect at all.
        await TestPostgres.NewDatabaseAsync();
        (string, string)[] settings =
        [
            ("ConnectionStrings__Lips", TestPostgres.AsApplication(owner)), ("Lips__AdminToken", LipsProcess.Token),
        ];
        await using var node = LipsProcess.Serve(home, settings);
        await node.PrintedAsync(
            new Regex("may not make the migration .* run lips migrate with the owner's connection string in ConnectionStrings:LipsOwner"));
        Assert.DoesNotContain("Now listening", node.Output);

        await using (var refused = LipsProcess.Run(home, ["migrate"], settings))
            Assert.Contains("ConnectionStrings:LipsOwner", await refused.RefusedAsync());
        await using (var migrate = LipsProcess.Run(home, ["migrate"], [.. settings, ("ConnectionStrings__LipsOwner", owner)]))
            Assert.True(await migrate.EndAsync() == 0, migrate.Errors);

        await node.ReadyAsync();
        using (var client = node.NewClient(LipsProcess.Token))
        {
            await client.IngestAsync(Records.New("one"));
            Assert.Equal(["one"], await Records.AllAsync(client));
        }

        await node.StopAsync();
        Assert.False(Directory.Exists(home.Folder));
    }

    [Fact]
    public async Task A_role_that_was_given_nothing_is_told_apart_from_a_database_that_is_away()
    {
        var owner = await TestPostgres.NewDatabaseAsync();
        var name = "lips_" + Guid.NewGuid().ToString("N")[..12];
        await TestPostgres.ExecuteAsync(owner, $"CREATE ROLE {name} LOGIN");
        using var home = new TempHome();
        var connection = new NpgsqlConnectionStringBuilder(owner) { Username = name }.ConnectionString;

        await using var migrate = LipsProcess.Run(home, ["migrate"], ("ConnectionStrings__Lips", connection));

        Assert.Contains("may not use the schema", await migrate.RefusedAsync());
    }

    [Fact]
    public async Task Migrating_makes_the_role_with_its_password_and_again_changes_nothing()
    {
        const string password = "Pass word ' \" $ ü";
        using var home = new TempHome();
        var owner = await TestPostgres.NewEmptyDatabaseAsync();
        var name = "Lips App " + Guid.NewGuid().ToString("N")[..12];
        (string, string)[] settings =
        [
            ("ConnectionStrings__Lips", new NpgsqlConnectionStringBuilder(owner) { Username = name, Password = password }.ConnectionString),
            ("ConnectionStrings__LipsOwner", owner),
        ];
        var stored = "";
        for (var i = 0; i < 2; i++)
        {
            await using var migrate = LipsProcess.Run(home, ["migrate"], settings);
            Assert.True(await migrate.EndAsync() == 0, migrate.Errors);
            var now = await TestPostgres.ScalarAsync<string>(
                owner,
                "SELECT concat(rolpassword, ' ', rolsuper, rolcreaterole, rolcreatedb, "
                    + $"rolcanlogin) FROM pg_authid WHERE rolname = '{name}'");
            Assert.True(i == 0 || now == stored);
            stored = now;
        }

        Assert.EndsWith(" ffft", stored);
        var salt = Convert.FromBase64String(stored.Split(':', '$')[2]);
        Assert.Equal(ApplicationRole.Verifier(password, salt), stored[..^5]);
    }

    [Fact]
    public async Task The_verifier_of_a_password_is_the_one_that_the_server_makes()
    {
        const string password = "a password of letters";
        var owner = await TestPostgres.NewEmptyDatabaseAsync();
        var name = "lips_" + Guid.NewGuid().ToString("N")[..12];
        await TestPostgres.ExecuteAsync(owner, $"SET password_encryption = 'scram-sha-256'; CREATE ROLE {name} PASSWORD '{password}'");

        var stored = await TestPostgres.ScalarAsync<string>(owner, $"SELECT rolpassword FROM pg_authid WHERE rolname = '{name}'");

        Assert.Equal(stored, ApplicationRole.Verifier(password, Convert.FromBase64String(stored.Split(':', '$')[2])));
    }

    [Fact]
    public async Task In_the_private_postgres_a_node_is_no_superuser()
    {
        using var home = new TempHome();
        await using var host = await LipsProcess.ServeReadyAsync(home, ("Lips__AdminToken", LipsProcess.Token));
        using (var client = host.NewClient(LipsProcess.Token))
            await client.IngestAsync(Records.New("one"));
        var folder = File.ReadLines(Path.Combine(home.Folder, "postgres", "data", "postmaster.pid")).ElementAt(4);

        Assert.Equal("lips_app", await TestPostgres.ScalarAsync<string>(
            $"Host={folder};Username=lips;Database=lips;Pooling=false",
            "SELECT string_agg(DISTINCT usename, ',') FROM pg_stat_activity WHERE datname = 'lips' AND pid <> pg_backend_pid()"));
        await host.StopAsync();
    }
}
