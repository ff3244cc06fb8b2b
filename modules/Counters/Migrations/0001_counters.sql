CREATE SCHEMA IF NOT EXISTS counters;

-- The lock of an advertiser's writers and its version. Rows are updated by every write and never deleted;
-- the free space in each page keeps those updates on it (HOT).
CREATE TABLE counters.advertisers (
    advertiser bigint NOT NULL,
    version bigint NOT NULL DEFAULT 0,
    CONSTRAINT advertisers_pkey PRIMARY KEY (advertiser)
) WITH (fillfactor = 50);
