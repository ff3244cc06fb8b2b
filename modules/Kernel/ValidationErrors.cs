namespace Lips.Kernel;

/// <summary>One line of a 422 answer.</summary>
/// <param name="Attribute">The parameter or attribute, as the client spells it.</param>
/// <param name="Message">What is wrong with it, said so that it reads on from the attribute.</param>
public readonly record struct AttributeError(string Attribute, string Message);

/// <summary>Collects what is wrong with a request, so that it can be said all at once (contract section 3).</summary>
/// <param name="isStrict">Whether the client wants unknown names to be errors; else they are counted.</param>
public sealed class ValidationErrors(bool isStrict = false)
{
    private List<AttributeError>? lines;
    private HashSet<AttributeError>? said;

    /// <summary>True when nothing is wrong.</summary>
    public bool None => lines is null;

    /// <summary>The lines in the order in which they were found.</summary>
    public IReadOnlyList<AttributeError> Lines => lines ?? [];

    /// <summary>How many unknown names were ignored.</summary>
    public int Ignored { get; private set; }

    /// <summary>
    /// Adds a line. The same again is said once: a body of 1 MiB has room for 500,000 wrong elements of one array, a bulk body for many of
    /// those.
    /// </summary>
    public void Add(string attribute, string message)
    {
        var line = new AttributeError(attribute, message);
        if ((said ??= []).Add(line))
            (lines ??= []).Add(line);
    }

    /// <summary>Takes note of a name that nobody knows.</summary>
    public void AddUnknown(string name, string message)
    {
        if (isStrict)
            Add(name, message);
        else
            Ignored++;
    }

    /// <summary>Whether something is wrong with the attribute already.</summary>
    public bool Has(string attribute) => Lines.Any(line => line.Attribute == attribute);
}
