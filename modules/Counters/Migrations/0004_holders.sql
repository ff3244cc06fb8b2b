-- Which silo keeps an advertiser's counters in memory, and which of these holds are over (build/decisions/0018-lease.md). Neither needs to
-- outlive a crash of the server: with its next start all holds end.
CREATE UNLOGGED TABLE counters.holders (
    advertiser bigint NOT NULL,
    hold bigint NOT NULL,                    -- chosen at random by the silo for each time that it loads the counters
    silo text NOT NULL,
    CONSTRAINT holders_pkey PRIMARY KEY (advertiser)
) WITH (fillfactor = 50);

-- Kept for a minute; then every silo has seen it, or has forgotten all that it held.
CREATE UNLOGGED TABLE counters.ended_holds (
    hold bigint NOT NULL,
    silo text NOT NULL,
    ended_at timestamptz NOT NULL,           -- clock_timestamp(), not the transaction's start
    has_left boolean NOT NULL                -- given back by the silo itself, or else revoked by another one
);

CREATE INDEX ended_holds_by_silo ON counters.ended_holds (silo, ended_at) WHERE NOT has_left;
CREATE INDEX ended_holds_by_hold ON counters.ended_holds (hold) WHERE has_left;
CREATE INDEX ended_holds_by_time ON counters.ended_holds (ended_at);

-- Nodes of the version before tell no holder of their changes, so its reads would be old. Their writes fail here.
CREATE FUNCTION counters.refuse_old_nodes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'This node is of a version that does not know counters.holders. Stop it and start the new version.'
        USING ERRCODE = 'feature_not_supported';
END
$$;

CREATE TRIGGER refuse_old_nodes BEFORE UPDATE ON counters.advertisers FOR EACH STATEMENT
    WHEN (current_setting('lips.tells_holders', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION counters.refuse_old_nodes();

-- Checkpoints of older versions are not to be trusted: the cells were written anew. Null for never.
ALTER TABLE counters.advertisers ADD COLUMN rebuilt bigint;
