-- What a page shows is kept as the JSON that is served, in the row of the interaction: a page is then read from one table and copied. Columns remain for what filters
-- and what changes; what is only shown is in `body` alone. `contact` repeats the contact's row, so a page needs no join: whoever changes a contact
-- changes it in the contact's interactions too, under the advertiser's lock. `lips interactions verify` compares what is there twice (build/decisions/0014-answers.md).

-- A contact as it is served.
CREATE FUNCTION interactions.contact_answer(c interactions.contacts) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT concat(
        '{"id":', c.id,
        ',"first_name":', coalesce(to_json(c.first_name)::text, 'null'),
        ',"last_name":', coalesce(to_json(c.last_name)::text, 'null'),
        ',"display_name":', coalesce(to_json(coalesce(
            c.display_name, nullif(concat_ws(' ', c.first_name, c.last_name), ''), c.email, c.phone_numbers::json -> 0 ->> 'phone_number'))::text, 'null'),
        ',"email":', coalesce(to_json(c.email)::text, 'null'),
        ',"company":', coalesce(to_json(c.company)::text, 'null'),
        ',"title":', coalesce(to_json(c.title)::text, 'null'),
        ',"phone_numbers":', c.phone_numbers,
        ',"created_at":"', to_char(c.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS'), 'Z"}')
$$;

CREATE FUNCTION pg_temp.json_text(value text) RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT coalesce(to_json(value)::text, 'null') $$;

CREATE FUNCTION pg_temp.json_time(value timestamptz) RETURNS text IMMUTABLE LANGUAGE sql AS $$
    SELECT to_char(value AT TIME ZONE 'UTC', '"\""YYYY-MM-DD"T"HH24:MI:SS.MS"Z\""')
$$;

CREATE FUNCTION pg_temp.platform(id bigint) RETURNS text IMMUTABLE LANGUAGE sql AS $$
    SELECT CASE id / 1000000000000 WHEN 1 THEN 'USA' WHEN 2 THEN 'CAN' WHEN 3 THEN 'AUS' WHEN 6 THEN 'GBR' WHEN 7 THEN 'TEST' END
$$;

CREATE FUNCTION pg_temp.event(kind smallint) RETURNS text IMMUTABLE LANGUAGE sql AS $$
    SELECT CASE WHEN kind = 1 THEN 'Booking' WHEN kind = 2 THEN 'Call' WHEN kind <= 6 THEN 'Chat' WHEN kind <= 13 THEN 'Form' WHEN kind = 14 THEN 'Fpd' ELSE 'Lsa' END
$$;

CREATE FUNCTION pg_temp.contact_answer(of bigint, contact bigint) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT interactions.contact_answer(c) FROM interactions.contacts c WHERE c.advertiser = of AND c.id = contact
$$;

ALTER TABLE interactions.interactions RENAME COLUMN part TO body;

ALTER TABLE interactions.interactions ADD COLUMN contact text;

-- Both in one rewrite of the table.
ALTER TABLE interactions.interactions
    ALTER COLUMN contact TYPE text USING pg_temp.contact_answer(advertiser, contact_id),
    ALTER COLUMN body TYPE text USING concat(
        '{"id":', id,
        ',"contact_id":', contact_id,
        ',"campaign_name":', pg_temp.json_text(campaign_name),
        ',"global_master_advertiser_id":"', pg_temp.platform(advertiser), '_', advertiser % 1000000000000,
        '","global_master_campaign_id":', pg_temp.json_text(pg_temp.platform(campaign) || '_' || campaign % 1000000000000),
        ',"master_advertiser_id":', advertiser % 1000000000000,
        ',"master_campaign_id":', coalesce((campaign % 1000000000000)::text, 'null'),
        ',"platform_id":', advertiser / 1000000000000,
        ',"platform":"', pg_temp.platform(advertiser),
        '","sub_type":', pg_temp.json_text(sub_type),
        ',"referrer_type":', pg_temp.json_text(coalesce(referrer_type, 'UNKNOWN')),
        ',"referrer_source":', pg_temp.json_text(coalesce(referrer_source, '')),
        ',"influencing_campaign":', pg_temp.json_text(influencing_campaign),
        ',"created_at":', pg_temp.json_time(created_at),
        ',"occurred_at":', pg_temp.json_time(occurred_at),
        ',"occured_at":', pg_temp.json_time(occurred_at),
        ',"channel":', pg_temp.json_text((ARRAY['search', 'display', 'social', 'chat', 'other'])[channel]),
        ',"event_type":"', pg_temp.event(kind), 'Event"',
        ',"external_source":', pg_temp.json_text(coalesce(external_source, '')),
        ',"page_url":', pg_temp.json_text(coalesce(page_url, '')),
        ',"tags":', array_to_json(tags),
        ',"wpc_id":', pg_temp.json_text(wpc_id),
        ',"visitor_id":', pg_temp.json_text(visitor_id),
        ',"conversation_id":', pg_temp.json_text(conversation_id),
        ',"external_id":', pg_temp.json_text(external_id),
        ',"external_app_id":', pg_temp.json_text(external_app_id),
        ',"', lower(pg_temp.event(kind)), '":', body, '}');

ALTER TABLE interactions.interactions
    ALTER COLUMN contact SET NOT NULL,
    DROP COLUMN created_at,
    DROP COLUMN campaign_name,
    DROP COLUMN sub_type,
    DROP COLUMN referrer_type,
    DROP COLUMN referrer_source,
    DROP COLUMN influencing_campaign,
    DROP COLUMN external_source,
    DROP COLUMN page_url,
    DROP COLUMN visitor_id,
    DROP COLUMN tags;

-- The fields of an answer that columns have as well.
CREATE FUNCTION interactions.answer_of_columns(i interactions.interactions) RETURNS jsonb STABLE LANGUAGE sql AS $$
    WITH names AS (
        SELECT ARRAY['USA', 'CAN', 'AUS', NULL, NULL, 'GBR', 'TEST'] AS platforms, ARRAY['search', 'display', 'social', 'chat', 'other'] AS channels,
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
            CASE WHEN i.kind = 1 THEN 'Booking' WHEN i.kind = 2 THEN 'Call' WHEN i.kind <= 6 THEN 'Chat' WHEN i.kind <= 13 THEN 'Form' WHEN i.kind = 14 THEN 'Fpd' ELSE 'Lsa' END || 'Event',
        'wpc_id', i.wpc_id,
        'conversation_id', i.conversation_id,
        'external_id', i.external_id,
        'external_app_id', i.external_app_id)
    FROM names
$$;
