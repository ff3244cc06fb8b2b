-- From a campaign to its advertisers, for callers who name the campaign alone. A table and not an index of interactions by campaign: two columns
-- that go together would look like two independent ones to the planner, who would then sort all of a campaign rather than read it in the list's order.
-- Nothing is ever deleted from interactions, so nothing is from here.
CREATE TABLE interactions.campaign_advertisers (
    advertiser bigint NOT NULL,
    campaign bigint NOT NULL,
    CONSTRAINT campaign_advertisers_pkey PRIMARY KEY (advertiser, campaign)
);

CREATE INDEX campaign_advertisers_by_campaign ON interactions.campaign_advertisers (campaign, advertiser);

-- Writers wait until it is filled: what they commit meanwhile would be missing.
LOCK TABLE interactions.interactions IN SHARE MODE;

INSERT INTO interactions.campaign_advertisers (advertiser, campaign)
SELECT DISTINCT advertiser, campaign FROM interactions.interactions WHERE campaign IS NOT NULL;
