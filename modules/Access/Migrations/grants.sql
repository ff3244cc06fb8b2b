-- What a node may do. Run by `lips migrate`, or by psql -v role=lips_app -f.
REVOKE ALL ON ALL TABLES IN SCHEMA access FROM :"role";
GRANT USAGE ON SCHEMA access TO :"role";
GRANT SELECT ON access.migrations TO :"role";
GRANT SELECT, INSERT, UPDATE ON access.tokens TO :"role";
