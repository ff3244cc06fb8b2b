CREATE SCHEMA IF NOT EXISTS audit;

-- Who changed what and when: one row a change, or a batch of them, written by the transaction that made it. Nothing in it tells of a person.
-- Rows are never changed. The key begins with the time, so that the newest come first, old ones are removed from one end, and every index
-- below has the order of the list. Ids are unique because a sequence gives them.
CREATE TABLE audit.entries (
    at timestamptz NOT NULL,                 -- the database's clock, whole milliseconds
    id bigint GENERATED ALWAYS AS IDENTITY,
    token_id bigint,                         -- null: somebody who has the machine and not a token
    action text NOT NULL,
    advertiser bigint,                       -- null: none, or several
    advertisers bigint[],                    -- several, ascending
    counts integer[],                        -- how many of each of the several
    count integer NOT NULL,
    interaction_id bigint,                   -- of a change of one
    first_interaction_id bigint,             -- of a batch
    last_interaction_id bigint,
    fields text[] NOT NULL,                  -- names of what an update changed
    subject_token_id bigint,                 -- the token that was made, revoked, …
    address bytea,                           -- a keyed hash
    CONSTRAINT entries_pkey PRIMARY KEY (at, id)
);

CREATE INDEX entries_by_token ON audit.entries (token_id, at, id);
CREATE INDEX entries_by_action ON audit.entries (action, at, id);
CREATE INDEX entries_by_advertiser ON audit.entries (advertiser, at, id) WHERE advertiser IS NOT NULL;
CREATE INDEX entries_by_interaction ON audit.entries (interaction_id, at, id) WHERE interaction_id IS NOT NULL;

-- The advertisers of entries that have several.
CREATE TABLE audit.entry_advertisers (
    advertiser bigint NOT NULL,
    at timestamptz NOT NULL,
    id bigint NOT NULL,
    CONSTRAINT entry_advertisers_pkey PRIMARY KEY (advertiser, at, id)
);
