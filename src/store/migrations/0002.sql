-- Sums by the day, beside those by the hour: months of hours would take long to add up each time that somebody looks.
CREATE TABLE service_days (
    service        INTEGER NOT NULL REFERENCES services (id),
    day            INTEGER NOT NULL CHECK (day >= 0 AND day % 86400 = 0),
    healthy        INTEGER NOT NULL DEFAULT 0 CHECK (healthy >= 0),
    degraded       INTEGER NOT NULL DEFAULT 0 CHECK (degraded >= 0),
    down           INTEGER NOT NULL DEFAULT 0 CHECK (down >= 0),
    unknown        INTEGER NOT NULL DEFAULT 0 CHECK (unknown >= 0),
    timed          INTEGER NOT NULL DEFAULT 0 CHECK (timed >= 0),
    latency_sum_ms INTEGER NOT NULL DEFAULT 0 CHECK (latency_sum_ms >= 0),
    latency_max_ms INTEGER NOT NULL DEFAULT 0 CHECK (latency_max_ms >= 0),
    PRIMARY KEY (service, day)
) STRICT, WITHOUT ROWID;
INSERT INTO service_days (service, day, healthy, degraded, down, unknown, timed, latency_sum_ms, latency_max_ms)
    SELECT service, hour / 86400 * 86400, sum(healthy), sum(degraded), sum(down), sum(unknown), sum(timed), sum(latency_sum_ms),
           max(latency_max_ms)
    FROM service_hours GROUP BY 1, 2;

-- Who takes an incident on may say so again after it got worse, and never earlier than before.
DROP TRIGGER acknowledgements_fixed;
CREATE TRIGGER acknowledgements_fixed BEFORE UPDATE ON acknowledgements
    WHEN new.incident <> old.incident OR new.at < old.at
    BEGIN SELECT RAISE(ABORT, 'an acknowledgement is not changed'); END;
