-- Times are whole seconds since 1970-01-01T00:00:00Z. What has happened is only ever added to: triggers refuse changes, and
-- deletions of whatever retention has not announced in `kept_from` first.

CREATE TABLE kept_from (
    what  TEXT PRIMARY KEY NOT NULL CHECK (what IN ('cycles', 'events', 'alerts', 'restarts', 'transfers')),
    -- The highest id that retention has given up.
    id    INTEGER NOT NULL DEFAULT 0 CHECK (id >= 0)
) STRICT, WITHOUT ROWID;
INSERT INTO kept_from (what) VALUES ('cycles'), ('events'), ('alerts'), ('restarts'), ('transfers');
CREATE TRIGGER kept_from_rises BEFORE UPDATE ON kept_from WHEN NEW.id < OLD.id OR NEW.what <> OLD.what
    BEGIN SELECT RAISE(ABORT, 'what retention gave up does not come back'); END;
CREATE TRIGGER kept_from_stays BEFORE DELETE ON kept_from
    BEGIN SELECT RAISE(ABORT, 'what retention gave up does not come back'); END;

-- The state of the loop, one document.
CREATE TABLE loop_state (
    only      INTEGER PRIMARY KEY CHECK (only = 1),
    version   INTEGER NOT NULL CHECK (version >= 1),
    document  TEXT NOT NULL CHECK (json_valid(document)),
    saved_at  INTEGER NOT NULL CHECK (saved_at >= 0)
) STRICT;

CREATE TABLE services (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    name  TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 200)
) STRICT;

-- A cycle is opened, and closed once. One that was never closed was interrupted.
CREATE TABLE sovereign_cycles (
    cycle_id   INTEGER PRIMARY KEY AUTOINCREMENT,
    started_at INTEGER NOT NULL CHECK (started_at >= 0),
    boot       TEXT,
    ended_at   INTEGER CHECK (ended_at >= 0),
    took_ms    INTEGER CHECK (took_ms >= 0),
    health     TEXT CHECK (health IN ('healthy', 'degraded', 'critical', 'unknown', 'discarded')),
    clean      INTEGER CHECK (clean IN (0, 1)),
    anomalies  INTEGER CHECK (anomalies >= 0),
    CHECK ((ended_at IS NULL) = (health IS NULL) AND (ended_at IS NULL) = (clean IS NULL)
       AND (ended_at IS NULL) = (anomalies IS NULL) AND (ended_at IS NULL) = (took_ms IS NULL)),
    -- Clean is about the first look at the critical services alone; others may be unwell.
    CHECK (clean IS NULL OR clean = 0 OR health <> 'discarded')
) STRICT;
CREATE TRIGGER sovereign_cycles_close_once BEFORE UPDATE ON sovereign_cycles
    WHEN OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR NEW.cycle_id <> OLD.cycle_id
      OR NEW.started_at <> OLD.started_at OR NEW.boot IS NOT OLD.boot
    BEGIN SELECT RAISE(ABORT, 'a cycle is closed once and never changed'); END;
CREATE TRIGGER sovereign_cycles_stay BEFORE DELETE ON sovereign_cycles
    WHEN OLD.cycle_id > (SELECT id FROM kept_from WHERE what = 'cycles')
    BEGIN SELECT RAISE(ABORT, 'a cycle is not deleted'); END;

-- What was seen of a service: before anything was healed, and after.
CREATE TABLE service_states (
    cycle_id   INTEGER NOT NULL REFERENCES sovereign_cycles (cycle_id),
    healed     INTEGER NOT NULL CHECK (healed IN (0, 1)),
    service    INTEGER NOT NULL REFERENCES services (id),
    grade      TEXT NOT NULL CHECK (grade IN ('healthy', 'degraded', 'down', 'unknown')),
    state      TEXT NOT NULL CHECK (length(state) BETWEEN 1 AND 40),
    cause      TEXT CHECK (length(cause) BETWEEN 1 AND 200),
    latency_ms INTEGER CHECK (latency_ms >= 0),
    PRIMARY KEY (cycle_id, healed, service)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER service_states_fixed BEFORE UPDATE ON service_states
    BEGIN SELECT RAISE(ABORT, 'what was seen is not changed'); END;
CREATE TRIGGER service_states_stay BEFORE DELETE ON service_states
    WHEN OLD.cycle_id > (SELECT id FROM kept_from WHERE what = 'cycles')
    BEGIN SELECT RAISE(ABORT, 'what was seen is not deleted'); END;

-- The same by the hour, kept much longer.
CREATE TABLE service_hours (
    service        INTEGER NOT NULL REFERENCES services (id),
    hour           INTEGER NOT NULL CHECK (hour >= 0 AND hour % 3600 = 0),
    healthy        INTEGER NOT NULL DEFAULT 0 CHECK (healthy >= 0),
    degraded       INTEGER NOT NULL DEFAULT 0 CHECK (degraded >= 0),
    down           INTEGER NOT NULL DEFAULT 0 CHECK (down >= 0),
    unknown        INTEGER NOT NULL DEFAULT 0 CHECK (unknown >= 0),
    timed          INTEGER NOT NULL DEFAULT 0 CHECK (timed >= 0),
    latency_sum_ms INTEGER NOT NULL DEFAULT 0 CHECK (latency_sum_ms >= 0),
    latency_max_ms INTEGER NOT NULL DEFAULT 0 CHECK (latency_max_ms >= 0),
    PRIMARY KEY (service, hour)
) STRICT, WITHOUT ROWID;
CREATE TABLE cycle_hours (
    hour      INTEGER PRIMARY KEY CHECK (hour >= 0 AND hour % 3600 = 0),
    cycles    INTEGER NOT NULL DEFAULT 0 CHECK (cycles >= 0),
    clean     INTEGER NOT NULL DEFAULT 0 CHECK (clean >= 0 AND clean <= cycles),
    healthy   INTEGER NOT NULL DEFAULT 0 CHECK (healthy >= 0),
    degraded  INTEGER NOT NULL DEFAULT 0 CHECK (degraded >= 0),
    critical  INTEGER NOT NULL DEFAULT 0 CHECK (critical >= 0),
    unknown   INTEGER NOT NULL DEFAULT 0 CHECK (unknown >= 0),
    anomalies INTEGER NOT NULL DEFAULT 0 CHECK (anomalies >= 0)
) STRICT;

-- One chain: the hash of an event covers the hash of the event before it and all its own columns.
CREATE TABLE omega_events (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    type       TEXT NOT NULL CHECK (length(type) BETWEEN 1 AND 64 AND type NOT GLOB '*[^A-Z0-9_]*'),
    cycle_id   INTEGER,
    payload    TEXT NOT NULL CHECK (json_valid(payload)),
    created_at INTEGER NOT NULL CHECK (created_at >= 0),
    hash       BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX omega_events_type ON omega_events (type, id);
CREATE TRIGGER omega_events_fixed BEFORE UPDATE ON omega_events
    BEGIN SELECT RAISE(ABORT, 'an event is not changed'); END;
CREATE TRIGGER omega_events_stay BEFORE DELETE ON omega_events
    WHEN OLD.id > (SELECT id FROM kept_from WHERE what = 'events')
    BEGIN SELECT RAISE(ABORT, 'an event is not deleted'); END;
-- The last event that retention gave up, and the last of all.
CREATE TABLE event_chain (
    only        INTEGER PRIMARY KEY CHECK (only = 1),
    anchor_id   INTEGER NOT NULL CHECK (anchor_id >= 0),
    anchor_hash BLOB NOT NULL CHECK (length(anchor_hash) = 32),
    head_id     INTEGER NOT NULL CHECK (head_id >= anchor_id),
    head_hash   BLOB NOT NULL CHECK (length(head_hash) = 32)
) STRICT;
INSERT INTO event_chain VALUES (1, 0, zeroblob(32), 0, zeroblob(32));

-- Restarts: the intent is on the disk before the command runs.
CREATE TABLE restarts (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    service     INTEGER NOT NULL REFERENCES services (id),
    cycle_id    INTEGER,
    attempt     INTEGER NOT NULL CHECK (attempt >= 1),
    cause       TEXT NOT NULL CHECK (length(cause) BETWEEN 1 AND 200),
    argv        TEXT NOT NULL CHECK (json_valid(argv) AND json_type(argv) = 'array'),
    intended_at INTEGER NOT NULL CHECK (intended_at >= 0)
) STRICT;
CREATE INDEX restarts_service ON restarts (service, intended_at);
CREATE TABLE restart_ends (
    restart    INTEGER PRIMARY KEY REFERENCES restarts (id),
    ended_at   INTEGER NOT NULL CHECK (ended_at >= 0),
    ending     TEXT NOT NULL CHECK (ending IN ('exited', 'signalled', 'timed_out', 'too_much', 'not_started', 'lost')),
    code       INTEGER,
    took_ms    INTEGER CHECK (took_ms >= 0),
    tail       TEXT NOT NULL CHECK (length(tail) <= 65536),
    CHECK ((code IS NOT NULL) = (ending IN ('exited', 'signalled')))
) STRICT;
CREATE TRIGGER restarts_fixed BEFORE UPDATE ON restarts BEGIN SELECT RAISE(ABORT, 'an intent is not changed'); END;
CREATE TRIGGER restarts_stay BEFORE DELETE ON restarts
    WHEN OLD.id > (SELECT id FROM kept_from WHERE what = 'restarts')
    BEGIN SELECT RAISE(ABORT, 'an intent is not deleted'); END;
CREATE TRIGGER restart_ends_fixed BEFORE UPDATE ON restart_ends BEGIN SELECT RAISE(ABORT, 'an outcome is not changed'); END;
CREATE TRIGGER restart_ends_stay BEFORE DELETE ON restart_ends
    WHEN OLD.restart > (SELECT id FROM kept_from WHERE what = 'restarts')
    BEGIN SELECT RAISE(ABORT, 'an outcome is not deleted'); END;

-- Alerts, and the way of each through each channel.
CREATE TABLE alerts (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    dedup      TEXT NOT NULL UNIQUE CHECK (length(dedup) BETWEEN 1 AND 300),
    incident   TEXT NOT NULL CHECK (length(incident) BETWEEN 1 AND 200),
    kind       TEXT NOT NULL CHECK (kind IN ('firing', 'reminder', 'resolved', 'notice')),
    severity   TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    text       TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 65536),
    cycle_id   INTEGER,
    created_at INTEGER NOT NULL CHECK (created_at >= 0)
) STRICT;
CREATE INDEX alerts_incident ON alerts (incident, id);
CREATE TRIGGER alerts_fixed BEFORE UPDATE ON alerts BEGIN SELECT RAISE(ABORT, 'an alert is not changed'); END;
CREATE TRIGGER alerts_stay BEFORE DELETE ON alerts
    WHEN OLD.id > (SELECT id FROM kept_from WHERE what = 'alerts')
    BEGIN SELECT RAISE(ABORT, 'an alert is not deleted'); END;
CREATE TABLE outbox (
    alert    INTEGER NOT NULL REFERENCES alerts (id),
    channel  TEXT NOT NULL CHECK (length(channel) BETWEEN 1 AND 64),
    status   TEXT NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'sent', 'refused', 'withdrawn')),
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_at  INTEGER NOT NULL CHECK (next_at >= 0),
    done_at  INTEGER CHECK (done_at >= 0),
    PRIMARY KEY (alert, channel),
    CHECK ((status = 'waiting') = (done_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_waiting ON outbox (next_at, alert) WHERE status = 'waiting';
CREATE TRIGGER outbox_done BEFORE UPDATE ON outbox WHEN OLD.status <> 'waiting' OR NEW.alert <> OLD.alert OR NEW.channel <> OLD.channel
    BEGIN SELECT RAISE(ABORT, 'what is done with an alert is not changed'); END;
CREATE TRIGGER outbox_stay BEFORE DELETE ON outbox
    WHEN OLD.status = 'waiting' OR OLD.alert > (SELECT id FROM kept_from WHERE what = 'alerts')
    BEGIN SELECT RAISE(ABORT, 'a waiting alert is not deleted'); END;
CREATE TABLE deliveries (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    alert   INTEGER NOT NULL REFERENCES alerts (id),
    channel TEXT NOT NULL,
    at      INTEGER NOT NULL CHECK (at >= 0),
    result  TEXT NOT NULL CHECK (result IN ('sent', 'again', 'refused')),
    detail  TEXT CHECK (length(detail) <= 2000),
    took_ms INTEGER NOT NULL CHECK (took_ms >= 0)
) STRICT;
CREATE INDEX deliveries_alert ON deliveries (alert);
CREATE TRIGGER deliveries_fixed BEFORE UPDATE ON deliveries BEGIN SELECT RAISE(ABORT, 'a delivery is not changed'); END;
CREATE TRIGGER deliveries_stay BEFORE DELETE ON deliveries
    WHEN OLD.alert > (SELECT id FROM kept_from WHERE what = 'alerts')
    BEGIN SELECT RAISE(ABORT, 'a delivery is not deleted'); END;
CREATE TABLE acknowledgements (
    incident TEXT PRIMARY KEY NOT NULL CHECK (length(incident) BETWEEN 1 AND 200),
    at       INTEGER NOT NULL CHECK (at >= 0),
    by_whom  TEXT NOT NULL CHECK (length(by_whom) BETWEEN 1 AND 200)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER acknowledgements_fixed BEFORE UPDATE ON acknowledgements
    BEGIN SELECT RAISE(ABORT, 'an acknowledgement is not changed'); END;

-- Credits: a transfer takes from one account what it gives to another, so that all balances together are zero.
CREATE TABLE accounts (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100)
) STRICT;
CREATE TABLE transfers (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    at       INTEGER NOT NULL CHECK (at >= 0),
    kind     TEXT NOT NULL CHECK (kind IN ('award', 'penalty')),
    event    TEXT NOT NULL CHECK (length(event) BETWEEN 1 AND 64),
    source   INTEGER NOT NULL REFERENCES accounts (id),
    target   INTEGER NOT NULL REFERENCES accounts (id) CHECK (target <> source),
    tenths   INTEGER NOT NULL CHECK (tenths > 0),
    cycle_id INTEGER
) STRICT;
CREATE TRIGGER transfers_fixed BEFORE UPDATE ON transfers BEGIN SELECT RAISE(ABORT, 'a transfer is not changed'); END;
CREATE TRIGGER transfers_stay BEFORE DELETE ON transfers
    WHEN OLD.id > (SELECT id FROM kept_from WHERE what = 'transfers')
    BEGIN SELECT RAISE(ABORT, 'a transfer is not deleted'); END;
CREATE VIEW entries (transfer, account, tenths) AS
    SELECT id, target, tenths FROM transfers UNION ALL SELECT id, source, -tenths FROM transfers;
-- The same by the day: what caps and balances are read from, and what outlives retention.
CREATE TABLE transfer_days (
    day    INTEGER NOT NULL CHECK (day >= 0),
    kind   TEXT NOT NULL CHECK (kind IN ('award', 'penalty')),
    event  TEXT NOT NULL,
    source INTEGER NOT NULL REFERENCES accounts (id),
    target INTEGER NOT NULL REFERENCES accounts (id) CHECK (target <> source),
    tenths INTEGER NOT NULL CHECK (tenths > 0),
    times  INTEGER NOT NULL CHECK (times > 0),
    PRIMARY KEY (day, kind, event, source, target)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER transfer_days_grow BEFORE UPDATE ON transfer_days WHEN NEW.tenths <= OLD.tenths OR NEW.times <> OLD.times + 1
    BEGIN SELECT RAISE(ABORT, 'a day of credits only grows'); END;
CREATE TRIGGER transfer_days_stay BEFORE DELETE ON transfer_days BEGIN SELECT RAISE(ABORT, 'a day of credits is not deleted'); END;

-- Who runs the loop. The lock on the file beside the store decides; this says who and since when.
CREATE TABLE lease (
    only      INTEGER PRIMARY KEY CHECK (only = 1),
    holder    TEXT NOT NULL CHECK (length(holder) BETWEEN 1 AND 200),
    pid       INTEGER NOT NULL CHECK (pid >= 0),
    boot      TEXT,
    since     INTEGER NOT NULL CHECK (since >= 0),
    heartbeat INTEGER NOT NULL CHECK (heartbeat >= 0)
) STRICT;
