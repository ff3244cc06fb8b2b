-- How many interactions there are, by all that a counter can be asked for. A cell that reaches zero stays: its version tells those who
-- hold an older one. campaign is 0 for none, since a null would let a unique key hold two of the same.
CREATE TABLE counters.cells (
    advertiser bigint NOT NULL,
    day date NOT NULL,                       -- the UTC day of occurred_at
    campaign bigint NOT NULL,
    kind smallint NOT NULL,
    channel smallint NOT NULL,
    has_wpc boolean NOT NULL,
    total integer NOT NULL,                  -- these three: not archived
    unread integer NOT NULL,
    important integer NOT NULL,
    archived_total integer NOT NULL,
    archived_unread integer NOT NULL,
    archived_important integer NOT NULL,
    version bigint NOT NULL,                 -- the advertiser's version at the cell's last change
    CONSTRAINT cells_pkey PRIMARY KEY (advertiser, day, campaign, kind, channel, has_wpc)
) WITH (fillfactor = 80);

CREATE INDEX cells_by_version ON counters.cells (advertiser, version);
