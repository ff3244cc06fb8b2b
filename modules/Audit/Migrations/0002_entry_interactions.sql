-- The interactions of an entry by which several were changed at once, as of POST /contact_interactions/actions: an interaction's history
-- finds the entry by them. Entries of bulk loads have none.
CREATE TABLE audit.entry_interactions (
    interaction_id bigint NOT NULL,
    at timestamptz NOT NULL,
    id bigint NOT NULL,
    fields text[] NOT NULL,                  -- names of what has changed of this one
    CONSTRAINT entry_interactions_pkey PRIMARY KEY (interaction_id, at, id)
);
