using Lips.Bench.Floor;

// What the product is measured against: each mode does the least that an honest program could, with the same server and runtime.
//   constant SIZE   answers every request with the same JSON of SIZE bytes
if (args is not [var mode, ..])
    throw new ArgumentException("Usage: Lips.Bench.Floor constant SIZE --urls ADDRESS");

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
var app = builder.Build();
switch (mode)
{
    case "constant":
        app.Run(new ConstantAnswer(int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture)).HandleAsync);
        break;
    default:
        throw new ArgumentException($"There is no floor {mode}.");
}

await app.RunAsync();
