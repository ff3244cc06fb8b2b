-- A silo that tells that it is alive and has no row, because a backup was restored, raises the version until it is higher than the one
-- that it knows: only then does it look at the rows, see that it is none of them, and end. Versions run ahead of the clock for a while
-- when several silos join within a second, so the clock in next_version alone did not always do.
UPDATE orleans.orleansquery SET querytext = $$
    WITH alive AS (
        UPDATE orleans.silos SET iamalivetime = @IAmAliveTime
        WHERE cluster = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
        RETURNING 1)
    UPDATE orleans.clusters SET version = orleans.next_version(version)
    WHERE id = @DeploymentId AND NOT EXISTS (SELECT FROM alive)$$
WHERE querykey = 'UpdateIAmAlivetimeKey';
