namespace Lips.Postgres;

/// <summary>The binaries of one PostgreSQL server.</summary>
/// <param name="BinFolder">The folder that holds <c>postgres</c>, <c>initdb</c> and <c>pg_ctl</c>.</param>
/// <param name="Major">The major version, 14 or above.</param>
/// <param name="Version">The version as the server names it: <c>15.18</c>, <c>18beta1</c>.</param>
public sealed record PostgresInstallation(string BinFolder, int Major, string Version)
{
    internal string Binary(string name) => Path.Combine(BinFolder, name);
}
