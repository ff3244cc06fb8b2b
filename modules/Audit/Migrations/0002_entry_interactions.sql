-- The interactions of an entry that several were changed by at once, as of POST /contact_interactions/actions: what an interaction's history
-- finds it by. Entries of bulk loads have none.
CREATE TABLE audit.entry_interactions (
    interaction_id bigint NOT NULL,
    at timestamptz NOT NULL,
    id bigint NOT NULL,
    fields text[] NOT NULL,                  -- names of what has changed of this one
    CONSTRAINT entry_interactions_pkey PRIMARY KEY (interaction_id, at, id)
);
