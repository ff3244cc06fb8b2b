CREATE SCHEMA IF NOT EXISTS interactions;

-- Ids are one sequence for all advertisers: a client knows an interaction by its number alone. They are unique because a sequence gives them;
-- every unique key starts with the advertiser, so that the record can be distributed by it and writers of two advertisers never meet.
CREATE SEQUENCE interactions.contact_ids;
CREATE SEQUENCE interactions.interaction_ids;

-- There are no foreign keys within the record: one writer holds the advertiser (build/decisions/0004-writing.md), and a check would lock
-- a row of contacts for each interaction.
CREATE TABLE interactions.contacts (
    advertiser bigint NOT NULL,
    id bigint NOT NULL,
    created_at timestamptz NOT NULL,
    first_name text,
    last_name text,
    display_name text,                       -- as given; what is served when null is derived
    email text,                              -- as given
    email_key text,                          -- lower-cased: what a contact is found by
    company text,
    title text,
    phone_numbers text NOT NULL,             -- the JSON array that is served
    CONSTRAINT contacts_pkey PRIMARY KEY (advertiser, id)
);

CREATE UNIQUE INDEX contacts_email_key ON interactions.contacts (advertiser, email_key) WHERE email_key IS NOT NULL;

-- Which contact owns a number: what a contact is found by, and what event_params[phone_numbers] looks up.
CREATE TABLE interactions.contact_phones (
    advertiser bigint NOT NULL,
    number text NOT NULL,
    extension text NOT NULL,                 -- '' for none: a null would let a number be owned twice
    contact_id bigint NOT NULL,
    CONSTRAINT contact_phones_pkey PRIMARY KEY (advertiser, number, extension)
);

CREATE TABLE interactions.interactions (
    advertiser bigint NOT NULL,
    id bigint NOT NULL,
    contact_id bigint NOT NULL,
    campaign bigint,
    occurred_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    archived_at timestamptz,
    kind smallint NOT NULL,
    channel smallint NOT NULL,
    important boolean NOT NULL,
    read boolean NOT NULL,
    call_duration integer,                   -- of part, for the filter
    booking_id text,                         -- of part, for the filter
    campaign_name text,
    sub_type text,
    referrer_type text,
    referrer_source text,
    influencing_campaign text,
    external_source text,
    contact_external_source text,
    page_url text,
    wpc_id text,
    visitor_id text,
    conversation_id text,
    external_app_id text,
    external_id text,
    tags text[] NOT NULL,
    notes text,
    part text NOT NULL,                      -- the type-specific JSON object (call, form, …) that is served
    CONSTRAINT interactions_pkey PRIMARY KEY (advertiser, id),
    CONSTRAINT interactions_external_pair CHECK ((external_app_id IS NULL) = (external_id IS NULL)),
    CONSTRAINT interactions_kind CHECK (kind BETWEEN 1 AND 15),
    CONSTRAINT interactions_channel CHECK (channel BETWEEN 0 AND 5)
-- Room on each page keeps an update of read, notes or important on it. `read` is in no index.
) WITH (fillfactor = 90);

-- From an id to its advertiser. Not unique: see the sequences.
CREATE INDEX interactions_by_id ON interactions.interactions (id) INCLUDE (advertiser);

-- The list, sorted by time either way. An interaction is in one of the two.
CREATE INDEX interactions_by_time ON interactions.interactions (advertiser, occurred_at, id) WHERE archived_at IS NULL;
CREATE INDEX interactions_archived_by_time ON interactions.interactions (advertiser, occurred_at, id) WHERE archived_at IS NOT NULL;

-- sort_by=important; read backwards in each half, since time always descends there.
CREATE INDEX interactions_by_importance ON interactions.interactions (advertiser, important, occurred_at, id) WHERE archived_at IS NULL;
CREATE INDEX interactions_archived_by_importance ON interactions.interactions (advertiser, important, occurred_at, id) WHERE archived_at IS NOT NULL;

-- One index for each other filter of the index endpoint, in the order of the list.
CREATE INDEX interactions_by_contact ON interactions.interactions (advertiser, contact_id, occurred_at, id);
CREATE INDEX interactions_by_campaign ON interactions.interactions (advertiser, campaign, occurred_at, id) WHERE campaign IS NOT NULL;
CREATE INDEX interactions_by_kind ON interactions.interactions (advertiser, kind, occurred_at, id);
CREATE INDEX interactions_by_channel ON interactions.interactions (advertiser, channel, occurred_at, id) WHERE wpc_id IS NOT NULL;
CREATE INDEX interactions_by_call ON interactions.interactions (advertiser, occurred_at, id, call_duration) WHERE call_duration IS NOT NULL;
CREATE INDEX interactions_by_booking ON interactions.interactions (advertiser, booking_id) WHERE booking_id IS NOT NULL;
CREATE INDEX interactions_by_conversation ON interactions.interactions (advertiser, conversation_id, occurred_at, id) WHERE conversation_id IS NOT NULL;
CREATE INDEX interactions_by_app ON interactions.interactions (advertiser, external_app_id, occurred_at, id) WHERE external_app_id IS NOT NULL;

-- Exactly once; and the filter external_id, with or without external_app_id.
CREATE UNIQUE INDEX interactions_external_key ON interactions.interactions (advertiser, external_id, external_app_id) WHERE external_id IS NOT NULL;

-- A tag never changes, nor does the time of its interaction: the copy of occurred_at lets the filter read the list's order from the key.
CREATE TABLE interactions.interaction_tags (
    advertiser bigint NOT NULL,
    tag text NOT NULL,
    occurred_at timestamptz NOT NULL,
    interaction_id bigint NOT NULL,
    CONSTRAINT interaction_tags_pkey PRIMARY KEY (advertiser, tag, occurred_at, interaction_id)
);

-- The advertiser's version at an interaction's last change. Beside the interaction and not in it: an indexed column that every update
-- changes would make each update write to all indexes of the wide row.
CREATE TABLE interactions.interaction_versions (
    advertiser bigint NOT NULL,
    interaction_id bigint NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT interaction_versions_pkey PRIMARY KEY (advertiser, interaction_id)
);

CREATE INDEX interaction_versions_by_version ON interactions.interaction_versions (advertiser, version, interaction_id);

-- Idempotency-Key of records without an external id. body_hash is the SHA-256 of the record's bytes.
CREATE TABLE interactions.idempotency_keys (
    advertiser bigint NOT NULL,
    token_id bigint NOT NULL,
    key text NOT NULL,
    body_hash bytea NOT NULL,
    interaction_id bigint NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (advertiser, token_id, key)
);
