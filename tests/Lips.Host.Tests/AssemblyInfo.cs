using Xunit;

// These tests mostly wait for other processes, so more of them run than there are cores.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
