using Xunit;

namespace Lips.Host.Tests;

/// <summary>Tests that use all of the machine: they run one by one, when the others are done.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;
