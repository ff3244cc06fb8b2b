namespace Lips.Interactions.Serving;

/// <summary>Bodies that the reference shows.</summary>
internal static class InteractionExamples
{
    public const string Counts =
        """
        "totals": {"events": 2, "call_events": 1, "form_events": 0, "chat_events": 1, "booking_events": 0, "lsa_events": 0},
        "unread": {"events": 1, "call_events": 0, "form_events": 0, "chat_events": 1, "booking_events": 0, "lsa_events": 0},
        "channel": {"channels": 2, "display": 0, "search": 1, "social": 0, "chat": 0, "other": 0, "none": 1}
        """;

    public const string Totals = "{" + Counts + "}";

    public const string Call =
        """
        {
          "id": 1001, "contact_id": 2000, "campaign_name": "Boats | Boats | Boats",
          "global_master_advertiser_id": "USA_1", "global_master_campaign_id": "USA_1234567",
          "master_advertiser_id": 1, "master_campaign_id": 1234567, "platform_id": 1, "platform": "USA",
          "sub_type": "Call", "referrer_type": "UNKNOWN", "referrer_source": "PAID", "influencing_campaign": "",
          "created_at": "2022-02-18T15:14:43.120Z", "occurred_at": "2022-02-18T15:14:42.000Z", "occured_at": "2022-02-18T15:14:42.000Z",
          "channel": null, "event_type": "CallEvent", "external_source": "capture", "page_url": "www.example.com", "tags": ["boats"],
          "wpc_id": null, "visitor_id": null, "conversation_id": null, "external_id": null, "external_app_id": null,
          "call": {
            "recording_url": "https://recordings.example/1001.mp3", "call_recording_url": "https://recordings.example/1001.mp3",
            "duration": 95, "call_duration": 95,
            "target_number": "+13184227450", "caller_number": "+19893643647", "dialed_number": "+13184227451"
          },
          "notes": "some notes", "important": false, "read": true, "archived_at": null, "read_at": "2022-02-18T16:02:00.000Z",
          "important_at": null,
          "contact": {
            "id": 2000, "first_name": "Tinisha", "last_name": "Champlin", "display_name": "Tinisha Champlin",
            "email": "tinisha@champlin.example", "company": null, "title": null,
            "phone_numbers": [{"phone_type": "work", "phone_number": "+19893643647 x241"}], "created_at": "2022-02-18T15:14:43.120Z"
          }
        }
        """;

    public const string Chat =
        """
        {
          "id": 1002, "contact_id": 2001, "campaign_name": "LSS Test Campaign",
          "global_master_advertiser_id": "USA_1", "global_master_campaign_id": "USA_3115232",
          "master_advertiser_id": 1, "master_campaign_id": 3115232, "platform_id": 1, "platform": "USA",
          "sub_type": null, "referrer_type": "UNKNOWN", "referrer_source": "PAID", "influencing_campaign": null,
          "created_at": "2022-02-17T09:30:10.400Z", "occurred_at": "2022-02-17T09:30:00.000Z", "occured_at": "2022-02-17T09:30:00.000Z",
          "channel": "search", "event_type": "ChatEvent", "external_source": "capture", "page_url": "", "tags": [],
          "wpc_id": "w-17", "visitor_id": "v-9", "conversation_id": null, "external_id": "55", "external_app_id": "chats",
          "chat": {
            "lead_type": "Service", "provider": "Apex", "referring_url": "https://www.example.com/boats", "summary": null,
            "transcript": [{"id": 1, "timestamp": "2022-02-17T09:30:00Z", "from": "Shavonda", "form": "Shavonda", "message": "Hello"}]
          },
          "notes": null, "important": true, "read": false, "archived_at": null, "read_at": null,
          "important_at": "2022-02-17T10:00:00.000Z",
          "contact": {
            "id": 2001, "first_name": "Shavonda", "last_name": null, "display_name": "Shavonda",
            "email": null, "company": null, "title": null, "phone_numbers": [], "created_at": "2022-02-17T09:30:10.400Z"
          }
        }
        """;

    public const string PartnerCall =
        """
        {
          "id": 1001, "contact_id": 2000, "campaign_name": "Boats | Boats | Boats", "refer_type": "UNKNOWN", "refer_source": "PAID",
          "influencing_campaign": "", "created_at": "2022-02-18T15:14:43.120Z", "occurred_at": "2022-02-18T15:14:42.000Z",
          "occured_at": "2022-02-18T15:14:42.000Z", "channel": null, "external_source": "capture", "event_type": "call",
          "contact": {
            "id": 2000, "first_name": "Tinisha", "last_name": "Champlin", "email": "tinisha@champlin.example", "company": null,
            "title": null, "phone_numbers": [{"phone_type": "work", "phone_number": "+19893643647 x241"}],
            "created_at": "2022-02-18T15:14:43.120Z", "contact_external_source": "a6426573", "interaction_external_source": "capture"
          },
          "display_name": "Tinisha Champlin"
        }
        """;
}
