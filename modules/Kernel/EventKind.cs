namespace Lips.Kernel;

/// <summary>
/// An interaction's kind, as fine as the chart of event types in the seed needs. The numbers are stored; they are never reused.
/// </summary>
public enum EventKind : short
{
    /// <summary>A BookingEvent.</summary>
    Booking = 1,

    /// <summary>A CallEvent.</summary>
    Call = 2,

    /// <summary>A ChatEvent with the lead type Sales.</summary>
    ChatSales = 3,

    /// <summary>A ChatEvent with the lead type Service.</summary>
    ChatService = 4,

    /// <summary>A ChatEvent with the lead type Other.</summary>
    ChatOther = 5,

    /// <summary>Any other ChatEvent: Active, Lead, or without a lead type.</summary>
    ChatRest = 6,

    /// <summary>A FormEvent with the sub type DIYFORMPOST.</summary>
    FormDiyPost = 7,

    /// <summary>A FormEvent with the sub type FormEmail.</summary>
    FormEmail = 8,

    /// <summary>A FormEvent with the sub type Facebook.</summary>
    FormFacebook = 9,

    /// <summary>A FormEvent with the sub type FormPost.</summary>
    FormPost = 10,

    /// <summary>A FormEvent with the sub type Promotion.</summary>
    FormPromotion = 11,

    /// <summary>A FormEvent with the sub type SMSRequest.</summary>
    FormSms = 12,

    /// <summary>Any other FormEvent.</summary>
    FormRest = 13,

    /// <summary>An FpdEvent: a first-party event.</summary>
    Fpd = 14,

    /// <summary>An LsaEvent: a Local Services lead.</summary>
    Lsa = 15,
}

/// <summary>The acquisition channel. The numbers are stored; they are never reused.</summary>
public enum Channel : short
{
    /// <summary>No channel; served as null.</summary>
    None = 0,

    /// <summary>Search.</summary>
    Search = 1,

    /// <summary>Display.</summary>
    Display = 2,

    /// <summary>Social.</summary>
    Social = 3,

    /// <summary>Chat.</summary>
    Chat = 4,

    /// <summary>Any other.</summary>
    Other = 5,
}
