export const schemaVersion = 3;

// What every row repeats (who asked for what, and the silicon that it ran on) stands once in `labels`. Ids grow with
// time, so that a table ordered by them is written at its end and needs no tree beside it.
const version2Tables = `
CREATE TABLE labels (
  label_id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, route TEXT NOT NULL, model TEXT NOT NULL, deployment_id TEXT NOT NULL,
  endpoint_id TEXT NOT NULL, vendor TEXT NOT NULL, chip TEXT NOT NULL, evidence TEXT NOT NULL,
  UNIQUE (tenant, route, model, deployment_id, endpoint_id, vendor, chip, evidence)
) STRICT;
CREATE TABLE attempts (
  attempt_id TEXT PRIMARY KEY, request_id TEXT NOT NULL, label_id INTEGER NOT NULL, ordinal INTEGER NOT NULL, reason TEXT NOT NULL,
  opened_at_wall_ms REAL NOT NULL, reserved_input_tokens INTEGER NOT NULL, reserved_output_tokens INTEGER NOT NULL,
  open_in_process TEXT, state TEXT NOT NULL CHECK (state IN ('R', 'S', 'V', 'U')), outcome TEXT, cost_usd REAL, ttft_ms REAL,
  duration_ms REAL, usage_source TEXT, input_tokens INTEGER, cached_input_tokens INTEGER, output_tokens INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE charges (
  request_id TEXT PRIMARY KEY, label_id INTEGER NOT NULL, outcome TEXT NOT NULL, attempts INTEGER NOT NULL, charge_usd REAL,
  settled_at_wall_ms REAL NOT NULL, usage_source TEXT NOT NULL, input_tokens INTEGER NOT NULL, cached_input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL, attempt_id TEXT, produced_tokens INTEGER NOT NULL, characters INTEGER NOT NULL,
  segments INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE segments (
  request_id TEXT, ordinal INTEGER, attempt_id TEXT NOT NULL, label_id INTEGER NOT NULL, produced_tokens INTEGER NOT NULL,
  characters INTEGER NOT NULL, settled_at_wall_ms REAL NOT NULL, charged_input_tokens INTEGER NOT NULL,
  charged_output_tokens INTEGER NOT NULL, charged_usd REAL, PRIMARY KEY (request_id, ordinal)
) STRICT, WITHOUT ROWID;
`;

const version2Indexes = `
CREATE INDEX attempts_by_time ON attempts (opened_at_wall_ms);
CREATE INDEX attempts_reserved ON attempts (open_in_process) WHERE open_in_process IS NOT NULL;
CREATE INDEX charges_by_time ON charges (settled_at_wall_ms);
CREATE INDEX segments_by_time ON segments (settled_at_wall_ms);
`;

/**
 * Who asked with which key stands among the labels; how an unknown attempt came to its end, and that a charge was
 * probably for a repetition, stand where SQLite adds them without rewriting a row.
 */
const migrateFromVersion2 = `
ALTER TABLE labels RENAME TO old_labels;
CREATE TABLE labels (
  label_id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, route TEXT NOT NULL, model TEXT NOT NULL, deployment_id TEXT NOT NULL,
  endpoint_id TEXT NOT NULL, vendor TEXT NOT NULL, chip TEXT NOT NULL, evidence TEXT NOT NULL, key_id TEXT NOT NULL,
  UNIQUE (tenant, route, model, deployment_id, endpoint_id, vendor, chip, evidence, key_id)
) STRICT;
INSERT INTO labels SELECT label_id, tenant, route, model, deployment_id, endpoint_id, vendor, chip, evidence, '' FROM old_labels;
DROP TABLE old_labels;
ALTER TABLE attempts ADD COLUMN resolved_by TEXT;
ALTER TABLE charges ADD COLUMN probable_retry INTEGER NOT NULL DEFAULT 0;
CREATE INDEX attempts_unknown ON attempts (opened_at_wall_ms) WHERE state = 'U';
`;

// `charges` describes its first segment; `segments` holds those of a charge that has several, and nothing else.
const version2Schema = `
CREATE TABLE processes (process_id TEXT PRIMARY KEY, started_at_wall_ms REAL NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE journals (name TEXT PRIMARY KEY, read_bytes INTEGER NOT NULL, damaged_lines INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE defects (kind TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
${version2Tables}${version2Indexes}`;

const labelColumns = 'tenant, route, model, deployment_id, endpoint_id, vendor, chip, evidence';

/** Brings the rows of the first schema into this one, all or nothing: it runs within a transaction. */
const migrateFromVersion1 = `
ALTER TABLE attempts RENAME TO old_attempts;
ALTER TABLE charges RENAME TO old_charges;
ALTER TABLE segments RENAME TO old_segments;
DROP INDEX attempts_by_time;
DROP INDEX attempts_reserved;
DROP INDEX charges_by_time;
DROP INDEX segments_by_time;
${version2Tables}
INSERT INTO labels (${labelColumns})
  SELECT ${labelColumns} FROM old_attempts
  UNION SELECT tenant, route, model, deployment_id, endpoint_id, vendor, chip, evidence FROM old_segments JOIN old_charges USING (request_id);
INSERT INTO attempts
  SELECT attempt_id, request_id, label_id, ordinal, reason, opened_at_wall_ms, reserved_input_tokens, reserved_output_tokens,
    CASE state WHEN 'R' THEN process_id END, state, outcome, cost_usd, ttft_ms, duration_ms, usage_source, input_tokens,
    cached_input_tokens, output_tokens
  FROM old_attempts JOIN labels USING (${labelColumns}) ORDER BY attempt_id;
INSERT INTO charges
  SELECT c.request_id, label_id, outcome, attempts, charge_usd, c.settled_at_wall_ms, usage_source, input_tokens,
    cached_input_tokens, output_tokens, attempt_id, produced_tokens, characters,
    (SELECT COUNT(attempt_id) FROM old_segments WHERE request_id = c.request_id)
  FROM old_charges AS c JOIN old_segments AS s ON s.request_id = c.request_id AND s.ordinal = 1
    JOIN labels USING (${labelColumns}) ORDER BY c.request_id;
INSERT INTO segments
  SELECT s.request_id, ordinal, attempt_id, label_id, produced_tokens, characters, s.settled_at_wall_ms, charged_input_tokens,
    charged_output_tokens, charged_usd
  FROM old_segments AS s JOIN old_charges USING (request_id) JOIN labels USING (${labelColumns})
  WHERE (SELECT COUNT(*) FROM old_segments WHERE request_id = s.request_id) > 1 ORDER BY s.request_id, ordinal;
DROP TABLE old_attempts;
DROP TABLE old_charges;
DROP TABLE old_segments;
${version2Indexes}`;

/**
 * What brings a database of each version to this one; 0 is a new one, which goes the way of an old one, so that both
 * end with the same schema.
 */
export const schemaChanges: ReadonlyMap<number, string> = new Map([
  [0, `${version2Schema}${migrateFromVersion2}`],
  [1, `${migrateFromVersion1}${migrateFromVersion2}`],
  [2, migrateFromVersion2],
]);
