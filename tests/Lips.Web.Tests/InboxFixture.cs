using Lips.Demo;
using Lips.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Playwright;
using Spectre.Console;

namespace Lips.Web.Tests;

/// <summary>A node with the demo's 55,500 interactions, and Debian's browser.</summary>
public sealed class InboxFixture : IAsyncLifetime
{
    public const string Collection = "inbox";

    /// <summary>What is seen at these widths: one pane, and three.</summary>
    public static readonly (int Width, int Height) Narrow = (360, 740);
    public static readonly (int Width, int Height) Wide = (1600, 900);

    private LipsNode? node;
    private IPlaywright? playwright;
    private IBrowser? browser;

    public LipsNode Node => node!;

    public async Task InitializeAsync()
    {
        node = await LipsNode.StartAsync(builder => builder.Configuration.AddInMemoryCollection(
            [KeyValuePair.Create("Lips:Inbox:RecordingOrigins", (string?)"https://recordings.example.com")]));
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) });
        await DemoLoader.LoadAsync(node.Client, console, CancellationToken.None);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = FindBrowser(), Args = ["--no-sandbox"] });
    }

    public async Task DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
        if (node is not null)
            await node.DisposeAsync();
    }

    /// <summary>A person at a screen of their own, who is not signed in.</summary>
    public async Task<Person> NewPersonAsync((int Width, int Height) screen, ColorScheme scheme = ColorScheme.Light)
    {
        var context = await browser!.NewContextAsync(new()
        {
            BaseURL = Node.Address.ToString(),
            ViewportSize = new() { Width = screen.Width, Height = screen.Height },
            ColorScheme = scheme,
            ReducedMotion = ReducedMotion.Reduce,
            Locale = "en-US",
            TimezoneId = "UTC",
            AcceptDownloads = true,
        });
        context.SetDefaultTimeout(30_000);
        return new Person(context, await context.NewPageAsync(), screen == Wide);
    }

    /// <summary>A person who is signed in and sees an advertiser.</summary>
    public async Task<Person> NewReaderAsync((int Width, int Height) screen, string address = "/app/USA_1", string? secret = null)
    {
        var person = await NewPersonAsync(screen);
        await person.SignInAsync(secret ?? LipsNode.AdminToken, address);
        return person;
    }

    private static string FindBrowser()
    {
        string[] names = ["chromium", "chromium-browser", "google-chrome"];
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("There is no Chromium on PATH: run build/test, or apt-get install chromium.");
    }
}

/// <summary>The tests share one node and one browser, and run one after the other.</summary>
[CollectionDefinition(InboxFixture.Collection)]
public sealed class InboxCollection : ICollectionFixture<InboxFixture>;
