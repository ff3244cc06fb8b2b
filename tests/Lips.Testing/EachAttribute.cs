using System.Reflection;
using Xunit.Sdk;

namespace Lips.Testing;

/// <summary>The values of a theory's only parameter, each a case.</summary>
/// <param name="values">The values.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EachAttribute(params object[] values) : DataAttribute
{
    /// <inheritdoc />
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => values.Select(value => new[] { value });
}
