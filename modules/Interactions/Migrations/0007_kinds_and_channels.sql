-- Each of the two indexes knows kind and channel, so that a list of one kind and one channel reads the rows that it shows and no others,
-- whichever the planner takes. For nodes of the version before they are what they were.
-- The old ones go in the same transaction. To lock for that behind the building would be a deadlock with each writer that has read
-- and waits to write, so the whole lock comes first: readers wait, too.
LOCK TABLE interactions.interactions;
CREATE INDEX interactions_by_kind_and_channel ON interactions.interactions (advertiser, kind, occurred_at, id, channel);
CREATE INDEX interactions_by_channel_and_kind ON interactions.interactions (advertiser, channel, occurred_at, id, kind)
    WHERE wpc_id IS NOT NULL;

DROP INDEX interactions.interactions_by_kind, interactions.interactions_by_channel;
ALTER INDEX interactions.interactions_by_kind_and_channel RENAME TO interactions_by_kind;
ALTER INDEX interactions.interactions_by_channel_and_kind RENAME TO interactions_by_channel;
