-- What a node may do: nothing of the record is ever deleted. Run by `lips migrate`, or by psql -v role=lips_app -f.
REVOKE ALL ON ALL TABLES IN SCHEMA interactions FROM :"role";
REVOKE ALL ON ALL SEQUENCES IN SCHEMA interactions FROM :"role";
GRANT USAGE ON SCHEMA interactions TO :"role";
GRANT SELECT ON interactions.migrations TO :"role";
GRANT SELECT, INSERT, UPDATE ON interactions.contacts, interactions.interactions, interactions.interaction_versions TO :"role";
GRANT SELECT, INSERT
    ON interactions.contact_phones, interactions.campaign_advertisers, interactions.interaction_tags,
        interactions.idempotency_keys TO :"role";
GRANT USAGE ON interactions.contact_ids TO :"role";
GRANT USAGE, SELECT ON interactions.interaction_ids TO :"role";
