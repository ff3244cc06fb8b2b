-- What a node may do with the trail: write and read it, never change it. Run by `lips migrate`, or by psql -v role=lips_app -f.
REVOKE ALL ON ALL TABLES IN SCHEMA audit FROM :"role";
GRANT USAGE ON SCHEMA audit TO :"role";
GRANT SELECT ON audit.migrations TO :"role";
GRANT SELECT, INSERT ON audit.entries, audit.entry_advertisers, audit.entry_interactions TO :"role";
