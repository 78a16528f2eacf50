CREATE TABLE setup (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL, org_id TEXT NOT NULL, migration_id TEXT NOT NULL
);
CREATE TABLE jobs (
    entry INTEGER PRIMARY KEY, object TEXT NOT NULL, operation TEXT NOT NULL,
    purpose TEXT NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL,
    job_id TEXT UNIQUE, records INTEGER NOT NULL,
    first_id TEXT NOT NULL, last_id TEXT NOT NULL, planned_at TEXT NOT NULL,
    succeeded INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,
    unprocessed INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX jobs_by_state ON jobs (object, state);
CREATE TABLE inserted (
    entry INTEGER PRIMARY KEY REFERENCES jobs (entry), origin_ids BLOB NOT NULL
);
CREATE TABLE failures (
    object TEXT NOT NULL, origin_id TEXT NOT NULL, purpose TEXT NOT NULL,
    code TEXT NOT NULL, message TEXT NOT NULL, fields TEXT NOT NULL,
    PRIMARY KEY (object, origin_id, purpose)
) WITHOUT ROWID;
CREATE TABLE applied (
    object TEXT PRIMARY KEY, digest TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE samples (
    object TEXT PRIMARY KEY, records INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE losses (
    object TEXT NOT NULL, field TEXT NOT NULL, agreed TEXT NOT NULL,
    cells INTEGER NOT NULL, PRIMARY KEY (object, field)
) WITHOUT ROWID;
