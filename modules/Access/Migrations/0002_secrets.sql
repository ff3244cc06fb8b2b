-- A token may have a second secret, so that its users can move from one to the other while both work. Both are on the token's row: what tells that the row
-- changed (xmin) tells of its secrets too, and a node of the version before this one knows the first secret as it always did.
ALTER TABLE access.tokens
    ADD COLUMN secret_id integer NOT NULL DEFAULT 1,
    ADD COLUMN secret_created_at timestamptz,         -- null: together with the token
    ADD COLUMN second_secret_id integer,
    ADD COLUMN second_secret_hash bytea,
    ADD COLUMN second_secret_created_at timestamptz,
    ADD COLUMN secrets_made integer NOT NULL DEFAULT 1, -- no id is given twice
    ADD COLUMN bootstrap_hash bytea,                  -- of the setting or file that last gave the bootstrap token its secret
    ADD CONSTRAINT tokens_second_secret CHECK (num_nulls(second_secret_id, second_secret_hash, second_secret_created_at) IN (0, 3));

UPDATE access.tokens SET bootstrap_hash = secret_hash WHERE bootstrap;

CREATE UNIQUE INDEX tokens_second_secret_hash_key ON access.tokens (second_secret_hash);
