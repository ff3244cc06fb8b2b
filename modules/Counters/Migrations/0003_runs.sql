-- Which run of the database wrote which versions of an advertiser: a run begins with a start of the server or with a restore. A backup that is
-- put back gives the versions behind it out once more, for other changes; by their run the two are told apart. run is null before the first.
ALTER TABLE counters.advertisers ADD COLUMN run bigint;

CREATE TABLE counters.runs (
    advertiser bigint NOT NULL,
    first_version bigint NOT NULL,           -- up to the next row's, not included
    run bigint NOT NULL,
    CONSTRAINT runs_pkey PRIMARY KEY (advertiser, first_version)
);
