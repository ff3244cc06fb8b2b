CREATE SCHEMA IF NOT EXISTS orleans;

-- What Orleans' ADO.NET providers keep: which silos there are, and the grains' checkpoints. They look their statements up by key in
-- orleansquery, by its bare name; all other names here are ours. Names of parameters and of result columns are theirs.
CREATE TABLE orleans.orleansquery (
    querykey text NOT NULL,
    querytext text NOT NULL,
    CONSTRAINT orleansquery_pkey PRIMARY KEY (querykey)
);

-- Every change of a cluster's silos raises its version: it is their lock and their order.
CREATE TABLE orleans.clusters (
    id text NOT NULL,
    version integer NOT NULL,
    CONSTRAINT clusters_pkey PRIMARY KEY (id)
);

CREATE TABLE orleans.silos (
    cluster text NOT NULL,
    address text NOT NULL,
    port integer NOT NULL,
    generation integer NOT NULL,             -- of the silos that had this address one after the other
    siloname text NOT NULL,
    hostname text NOT NULL,
    status integer NOT NULL,                 -- Orleans.Runtime.SiloStatus: 3 is active, 6 dead
    proxyport integer NOT NULL,
    suspecttimes text,
    starttime timestamptz NOT NULL,
    iamalivetime timestamptz NOT NULL,
    CONSTRAINT silos_pkey PRIMARY KEY (cluster, address, port, generation),
    CONSTRAINT silos_cluster_fkey FOREIGN KEY (cluster) REFERENCES orleans.clusters (id) ON DELETE CASCADE
);

-- A cache: it may be emptied at any time. The hashes and the numbers of a key are Orleans' own.
CREATE TABLE orleans.storage (
    graintypehash integer NOT NULL,
    grainidhash integer NOT NULL,
    grainidn0 bigint NOT NULL,
    grainidn1 bigint NOT NULL,
    grainidextensionstring text NOT NULL,    -- empty for none
    graintypestring text NOT NULL,
    serviceid text NOT NULL,
    version integer NOT NULL,
    modifiedon timestamptz NOT NULL,
    payloadbinary bytea,
    CONSTRAINT storage_pkey PRIMARY KEY (
        graintypehash, grainidhash, grainidn0, grainidn1, grainidextensionstring, graintypestring, serviceid)
);

-- The next version of a cluster. It follows the clock, so that it never goes back when a backup is restored: silos that run and are not
-- in the restored table see with the next change that they are not, and end.
CREATE FUNCTION orleans.next_version(version integer) RETURNS integer LANGUAGE sql AS
'SELECT greatest(version + 1, (extract(epoch FROM clock_timestamp()) - 1700000000)::integer)';

INSERT INTO orleans.orleansquery (querykey, querytext) VALUES
('InsertMembershipVersionKey', $$
    WITH made AS (
        INSERT INTO orleans.clusters (id, version) VALUES (@DeploymentId, orleans.next_version(0)) ON CONFLICT DO NOTHING RETURNING 1)
    SELECT count(*) FROM made$$),
('InsertMembershipKey', $$
    WITH raised AS (
        UPDATE orleans.clusters SET version = orleans.next_version(version)
        WHERE id = @DeploymentId AND version = @Version AND NOT EXISTS (
            SELECT FROM orleans.silos
            WHERE cluster = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
        RETURNING id),
    made AS (
        INSERT INTO orleans.silos (
            cluster, address, port, generation, siloname, hostname, status, proxyport, starttime, iamalivetime)
        SELECT id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM raised
        RETURNING 1)
    SELECT count(*) FROM made$$),
('UpdateMembershipKey', $$
    WITH raised AS (
        UPDATE orleans.clusters SET version = orleans.next_version(version)
        WHERE id = @DeploymentId AND version = @Version AND EXISTS (
            SELECT FROM orleans.silos
            WHERE cluster = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
        RETURNING id),
    changed AS (
        UPDATE orleans.silos SET status = @Status, suspecttimes = @SuspectTimes, iamalivetime = @IAmAliveTime FROM raised
        WHERE cluster = raised.id AND address = @Address AND port = @Port AND generation = @Generation
        RETURNING 1)
    SELECT count(*) FROM changed$$),
('UpdateIAmAlivetimeKey', $$
    UPDATE orleans.silos SET iamalivetime = @IAmAliveTime
    WHERE cluster = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation$$),
('MembershipReadRowKey', $$
    SELECT address, port, generation, siloname, hostname, status, proxyport, suspecttimes, starttime, iamalivetime, version
    FROM orleans.clusters LEFT JOIN orleans.silos
        ON cluster = id AND address = @Address AND port = @Port AND generation = @Generation
    WHERE id = @DeploymentId$$),
-- A cluster that is not there, because a backup was restored, is a newer one without silos.
('MembershipReadAllKey', $$
    SELECT address, port, generation, siloname, hostname, status, proxyport, suspecttimes, starttime, iamalivetime,
        coalesce(version, orleans.next_version(0)) AS version
    FROM (SELECT @DeploymentId AS wanted) w LEFT JOIN orleans.clusters ON id = wanted LEFT JOIN orleans.silos ON cluster = id$$),
('GatewaysQueryKey', $$
    SELECT address, proxyport, generation FROM orleans.silos WHERE cluster = @DeploymentId AND status = @Status AND proxyport > 0$$),
('DeleteMembershipTableEntriesKey', $$
    DELETE FROM orleans.clusters WHERE id = @DeploymentId$$),
('CleanupDefunctSiloEntriesKey', $$
    DELETE FROM orleans.silos WHERE cluster = @DeploymentId AND iamalivetime < @IAmAliveTime AND status <> 3$$),
('ReadFromStorageKey', $$
    SELECT payloadbinary, version FROM orleans.storage
    WHERE graintypehash = @GrainTypeHash AND grainidhash = @GrainIdHash AND grainidn0 = @GrainIdN0 AND grainidn1 = @GrainIdN1
        AND grainidextensionstring = coalesce(@GrainIdExtensionString, '') AND graintypestring = @GrainTypeString
        AND serviceid = @ServiceId$$),
-- No row for a state that another activation has written meanwhile. A write that has read nothing overwrites what is there.
('WriteToStorageKey', $$
    WITH made AS (
        INSERT INTO orleans.storage (
            graintypehash, grainidhash, grainidn0, grainidn1, grainidextensionstring, graintypestring, serviceid,
            version, modifiedon, payloadbinary)
        SELECT @GrainTypeHash, @GrainIdHash, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString, ''), @GrainTypeString, @ServiceId,
            1, now(), @PayloadBinary
        WHERE @GrainStateVersion IS NULL
        ON CONFLICT ON CONSTRAINT storage_pkey DO UPDATE
            SET version = storage.version + 1, modifiedon = now(), payloadbinary = excluded.payloadbinary
        RETURNING version),
    changed AS (
        UPDATE orleans.storage SET version = version + 1, modifiedon = now(), payloadbinary = @PayloadBinary
        WHERE graintypehash = @GrainTypeHash AND grainidhash = @GrainIdHash AND grainidn0 = @GrainIdN0 AND grainidn1 = @GrainIdN1
            AND grainidextensionstring = coalesce(@GrainIdExtensionString, '') AND graintypestring = @GrainTypeString
            AND serviceid = @ServiceId AND version = @GrainStateVersion
        RETURNING version)
    SELECT version AS newgrainstateversion FROM made UNION ALL SELECT version FROM changed$$),
('ClearStorageKey', $$
    UPDATE orleans.storage SET version = version + 1, modifiedon = now(), payloadbinary = NULL
    WHERE graintypehash = @GrainTypeHash AND grainidhash = @GrainIdHash AND grainidn0 = @GrainIdN0 AND grainidn1 = @GrainIdN1
        AND grainidextensionstring = coalesce(@GrainIdExtensionString, '') AND graintypestring = @GrainTypeString
        AND serviceid = @ServiceId AND version = @GrainStateVersion
    RETURNING version AS newgrainstateversion$$),
('DeleteStorageKey', $$
    DELETE FROM orleans.storage
    WHERE graintypehash = @GrainTypeHash AND grainidhash = @GrainIdHash AND grainidn0 = @GrainIdN0 AND grainidn1 = @GrainIdN1
        AND grainidextensionstring = coalesce(@GrainIdExtensionString, '') AND graintypestring = @GrainTypeString
        AND serviceid = @ServiceId AND version = @GrainStateVersion
    RETURNING version + 1 AS newgrainstateversion$$);
