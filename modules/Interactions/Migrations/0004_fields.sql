-- When an interaction last became read and important. Of those that are so already it is not known.
ALTER TABLE interactions.interactions ADD COLUMN read_at timestamptz, ADD COLUMN important_at timestamptz;

-- chat.summary, form.subject and form.conversation_id, which answers did not have. The type-specific object is the last of an answer as it
-- came in, so they are put before its end; an answer
-- that `lips interactions rebuild` has mended is in jsonb's order, which ends with an id.
ALTER TABLE interactions.interactions ALTER COLUMN body TYPE text USING CASE
    WHEN kind NOT BETWEEN 3 AND 13 THEN body
    WHEN right(body, 2) <> '}}' THEN (body::jsonb || CASE
        WHEN kind <= 6 THEN jsonb_build_object('chat', '{"summary":null}' || (body::jsonb -> 'chat'))
        ELSE jsonb_build_object('form', '{"subject":null}' || (body::jsonb -> 'form') || jsonb_build_object('conversation_id',
            conversation_id))
    END)::text
    WHEN kind <= 6 THEN left(body, -2) || ',"summary":null}}'
    ELSE left(body, -2) || ',"subject":null,"conversation_id":' || coalesce(to_json(conversation_id)::text, 'null') || '}}'
END;

-- As before, and the id that a form repeats.
CREATE OR REPLACE FUNCTION interactions.answer_of_columns(i interactions.interactions) RETURNS jsonb STABLE LANGUAGE sql AS $$
    WITH names AS (
        SELECT ARRAY['USA', 'CAN', 'AUS', NULL, NULL, 'GBR', 'TEST'] AS platforms, ARRAY['search', 'display', 'social', 'chat',
            'other'] AS channels,
            to_char(i.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS occurred_at
    )
    SELECT jsonb_build_object(
        'id', i.id,
        'contact_id', i.contact_id,
        'global_master_advertiser_id', platforms[i.advertiser / 1000000000000] || '_' || i.advertiser % 1000000000000,
        'global_master_campaign_id', platforms[i.campaign / 1000000000000] || '_' || i.campaign % 1000000000000,
        'master_advertiser_id', i.advertiser % 1000000000000,
        'master_campaign_id', i.campaign % 1000000000000,
        'platform_id', i.advertiser / 1000000000000,
        'platform', platforms[i.advertiser / 1000000000000],
        'occurred_at', occurred_at,
        'occured_at', occurred_at,
        'channel', channels[i.channel],
        'event_type',
            CASE WHEN i.kind = 1 THEN 'Booking' WHEN i.kind = 2 THEN 'Call' WHEN i.kind <= 6 THEN 'Chat' WHEN i.kind <= 13 THEN 'Form' WHEN
                i.kind = 14 THEN 'Fpd' ELSE 'Lsa' END || 'Event',
        'wpc_id', i.wpc_id,
        'conversation_id', i.conversation_id,
        'external_id', i.external_id,
        'external_app_id', i.external_app_id)
        || CASE WHEN i.kind BETWEEN 7 AND 13 THEN jsonb_build_object('form', jsonb_build_object('conversation_id',
            i.conversation_id)) ELSE '{}' END
    FROM names
$$;
