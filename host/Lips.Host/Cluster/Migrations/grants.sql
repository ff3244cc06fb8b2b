-- What a node may do. Run by `lips migrate`, or by psql -v role=lips_app -f.
REVOKE ALL ON ALL TABLES IN SCHEMA orleans FROM :"role";
GRANT USAGE ON SCHEMA orleans TO :"role";
GRANT SELECT ON orleans.migrations, orleans.orleansquery TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON orleans.clusters, orleans.silos, orleans.storage TO :"role";
