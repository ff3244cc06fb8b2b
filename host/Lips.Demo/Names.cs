using System.Text;

namespace Lips.Demo;

/// <summary>First and last names are common ones, drawn apart from each other; companies are invented.</summary>
internal static class Names
{
    public static readonly string[] First =
    [
        "Aaron", "Abigail", "Adam", "Alice", "Amara", "Andrea", "Anita", "Anthony", "Bella", "Benjamin", "Beth", "Brian", "Camille",
        "Carlos", "Caroline", "Chloé", "Daniel", "Darius", "Deborah", "Diego", "Donna", "Elena", "Elijah", "Emily", "Eric", "Farah",
        "Felix", "Frank", "Gabriel", "Gloria", "Grace", "Hannah", "Harold", "Helen", "Hiroshi", "Ian", "Imani", "Irene", "Isaac", "Jack",
        "Jasmine", "Joel", "José", "Joyce", "Julia", "Karen", "Keith", "Kim", "Laura", "Leo", "Linda", "Lucas", "Malik", "Marcus", "Maria",
        "Martha", "Mateo", "Megan", "Nadia", "Nathan", "Nicole", "Noah", "Olga", "Omar", "Patricia", "Paul", "Priya", "Rachel", "Ravi",
        "René", "Robert", "Rosa", "Samuel", "Sandra", "Sofía", "Stephen", "Teresa", "Thomas", "Uma", "Victor", "Wendy", "Xavier",
        "Yolanda", "Zoë",
    ];

    public static readonly string[] Last =
    [
        "Adams", "Ahmed", "Alvarez", "Anderson", "Bailey", "Baker", "Barnes", "Bell", "Bennett", "Brooks", "Brown", "Bryant", "Butler",
        "Campbell", "Carter", "Castillo", "Chen", "Clark", "Coleman", "Collins", "Cook", "Cooper", "Cruz", "Davis", "Diaz", "Edwards",
        "Evans", "Fisher", "Flores", "Foster", "Garcia", "Gibson", "Gómez", "Gonzalez", "Graham", "Gray", "Green", "Griffin", "Hall",
        "Hamilton", "Harris", "Hayes", "Henderson", "Hernandez", "Hill", "Howard", "Hughes", "Jackson", "James", "Jenkins", "Johnson",
        "Jones", "Kelly", "Kim", "King", "Lee", "Lewis", "Long", "Lopez", "Marshall", "Martin", "Mendoza", "Miller", "Mitchell", "Moore",
        "Morgan", "Müller", "Murphy", "Myers", "Nelson", "Nguyen", "O'Brien", "Ortiz", "Owens", "Parker", "Patel", "Patterson", "Perez",
        "Perry", "Peterson", "Phillips", "Powell", "Price", "Ramirez", "Reed", "Reyes", "Reynolds", "Rivera", "Roberts", "Rogers", "Ross",
        "Russell", "Sanders", "Scott", "Shaw", "Simmons", "Singh", "Smith", "Stewart", "Sullivan", "Taylor", "Thompson", "Torres",
        "Turner", "Walker", "Ward", "Watson", "West", "White", "Wood", "Wright", "Young",
    ];

    public static readonly string[] Companies =
    [
        "Blue Heron Charters", "Cedar Point Outfitters", "Driftwood Rentals", "Eastbank Builders", "Fairlead Logistics",
        "Gull Island Ferries", "Halyard & Sons", "Inlet Realty", "Jetty Bar & Grill", "Keystone Dockworks", "Lakeside Camping",
        "Mooring Insurance", "Northlight Studio", "Osprey Fishing Club", "Pinewood Resort", "Quarterdeck Events", "Riverbend Landscaping",
        "Saltmarsh Foods", "Tidewater Towing", "Upstream Anglers",
    ];

    public static readonly string[] Titles =
        ["Owner", "Manager", "Office Manager", "Fleet Manager", "Captain", "Buyer", "Assistant", "Director of Operations", "Event Planner"];

    /// <summary>The name as the local part of an address: lower case, letters from a to z.</summary>
    public static string Ascii(string name)
    {
        var letters = new StringBuilder(name.Length);
        foreach (var letter in name)
        {
            var plain = char.ToLowerInvariant(letter) switch
            {
                'é' or 'ë' => 'e',
                'í' => 'i',
                'ó' => 'o',
                'ü' => 'u',
                var other => other,
            };
            if (char.IsAsciiLetterLower(plain))
                letters.Append(plain);
        }

        return letters.ToString();
    }
}
