CREATE SCHEMA IF NOT EXISTS access;

-- Only hashes of secrets and keys are kept (SHA-256; they are 256 random bits, so a slow hash would add nothing).
CREATE TABLE access.tokens (
    id bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL,
    secret_hash bytea NOT NULL,
    api_key_hash bytea,
    advertisers bigint[],                    -- null: all of them
    abilities integer NOT NULL,
    trusted boolean NOT NULL,
    pii boolean NOT NULL,
    bootstrap boolean NOT NULL DEFAULT false, -- the admin token that the settings or the first start gave
    expires_at timestamptz,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz,                -- to the minute
    revoked_at timestamptz,
    CONSTRAINT tokens_pkey PRIMARY KEY (id)
);

CREATE UNIQUE INDEX tokens_secret_hash_key ON access.tokens (secret_hash);
CREATE UNIQUE INDEX tokens_bootstrap_key ON access.tokens (bootstrap) WHERE bootstrap;
