-- What a node may do. Run by `lips migrate`, or by psql -v role=lips_app -f.
REVOKE ALL ON ALL TABLES IN SCHEMA counters FROM :"role";
GRANT USAGE ON SCHEMA counters TO :"role";
GRANT SELECT ON counters.migrations TO :"role";
GRANT SELECT, INSERT, UPDATE ON counters.advertisers, counters.runs, counters.cells TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON counters.holders, counters.ended_holds TO :"role";
