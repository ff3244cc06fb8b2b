using Lips.Host.Commands;

return await CommandLine.RunAsync(args);
