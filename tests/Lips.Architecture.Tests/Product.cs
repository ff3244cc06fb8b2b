using System.Reflection;
using System.Runtime.CompilerServices;
using Lips.Access;
using Lips.Audit;
using Lips.Counters;
using Lips.Host;
using Lips.Interactions;
using Lips.Kernel;

namespace Lips.Architecture.Tests;

/// <summary>The product's assemblies and its source tree.</summary>
internal static class Product
{
    public const string Kernel = nameof(Kernel);
    public const string Host = nameof(Host);

    /// <summary>The modules that have a schema, which is called like them.</summary>
    public static readonly string[] Modules = ["Access", "Audit", "Counters", "Interactions"];

    public static readonly Dictionary<string, Assembly> Assemblies = new(StringComparer.Ordinal)
    {
        [Kernel] = typeof(GlobalId).Assembly,
        ["Access"] = typeof(AccessModule).Assembly,
        ["Audit"] = typeof(AuditModule).Assembly,
        ["Counters"] = typeof(CountersModule).Assembly,
        ["Interactions"] = typeof(InteractionsModule).Assembly,
        [Host] = typeof(LipsApplication).Assembly,
        ["Postgres"] = typeof(Postgres.PrivatePostgres).Assembly,
        ["Demo"] = typeof(Demo.DemoLoader).Assembly,
    };

    /// <summary>The folder of Lips.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The schema of a part; the host's is for what Orleans keeps.</summary>
    public static string SchemaOf(string part) => part == Host ? "orleans" : part.ToLowerInvariant();

    public static IEnumerable<Type> TypesOf(string name) => Assemblies[name].GetTypes().Where(t => !IsOfOrleans(t));

    /// <summary>The texts of a module's migrations.</summary>
    public static IEnumerable<string> MigrationsOf(string module)
    {
        foreach (var name in Assemblies[module].GetManifestResourceNames().Where(n => n.EndsWith(".sql", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(Assemblies[module].GetManifestResourceStream(name)!);
            yield return reader.ReadToEnd();
        }
    }

    /// <summary>All types of the product.</summary>
    public static IEnumerable<Type> Types => Assemblies.Keys.SelectMany(TypesOf);

    /// <summary>
    /// The part of the product that a type belongs to, by its namespace (which a test holds to its assembly); null for no part.
    /// </summary>
    public static string? PartOf(Type type) =>
        type.Namespace?.Split('.') is ["Lips", var part, ..] && Assemblies.ContainsKey(part) ? part : null;

    /// <summary>Written by a person and not by the compiler.</summary>
    public static bool IsWritten(Type type) =>
        !IsOfOrleans(type) && !type.IsDefined(typeof(CompilerGeneratedAttribute)) && !type.Name.Contains('<', StringComparison.Ordinal)
        && (type.DeclaringType is null || IsWritten(type.DeclaringType));

    /// <summary>The source files of a folder, without what builds leave behind; paths relative to the root.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file))
            .Where(file => !file.Split('/', '\\').Any(part => part is "bin" or "obj" or "node_modules"));

    // What Orleans' generator adds to an assembly: the messages of grains and how they are written.
    private static bool IsOfOrleans(Type type) => type.Namespace?.Split('.')[0] == "OrleansCodeGen";

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Lips.sln")))
            folder = folder.Parent;
        return folder?.FullName
            ?? throw new InvalidOperationException($"No Lips.sln above {AppContext.BaseDirectory}: run these tests from the source tree.");
    }
}
