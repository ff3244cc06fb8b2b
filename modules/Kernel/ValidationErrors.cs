namespace Lips.Kernel;

/// <summary>One line of a 422 answer.</summary>
/// <param name="Attribute">The parameter or attribute, as the client spells it.</param>
/// <param name="Message">What is wrong with it, said so that it reads on from the attribute.</param>
public readonly record struct AttributeError(string Attribute, string Message);

/// <summary>Collects what is wrong with a request, so that it can be said all at once (contract section 3).</summary>
public sealed class ValidationErrors
{
    private List<AttributeError>? lines;

    /// <summary>True when nothing is wrong.</summary>
    public bool None => lines is null;

    /// <summary>The lines in the order in which they were found.</summary>
    public IReadOnlyList<AttributeError> Lines => lines ?? [];

    /// <summary>Adds a line.</summary>
    public void Add(string attribute, string message) => (lines ??= []).Add(new AttributeError(attribute, message));

    /// <summary>Whether something is wrong with the attribute already.</summary>
    public bool Has(string attribute) => Lines.Any(line => line.Attribute == attribute);
}
