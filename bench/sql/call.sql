-- What call_next, start and finish do inside their three transactions, and the hints after them.
\set line :first_line + mod(:client_id, :lines)
\set session :first_session + :client_id
BEGIN;
SELECT id, date, prefix, quota, last_number, since_priority, express_run, version FROM queueing_queueday
    WHERE id IN (:line) ORDER BY id FOR NO KEY UPDATE;
SELECT 1 FROM queueing_countersession WHERE id = :session AND closed_at IS NULL;
SELECT id AS ticket FROM queueing_ticket WHERE line_id = :line AND lane = 'R' AND state = 'WAITING'
    ORDER BY arrived_at, id LIMIT 1 \gset
SELECT clock_timestamp();
UPDATE queueing_ticket SET state = 'CALLED', session_id = :session, called_at = clock_timestamp(), calls = 1
    WHERE id = :ticket;
INSERT INTO queueing_ticketevent (ticket_id, step, source, target, at, session_id, line_id, reason, passed, detail)
    VALUES (:ticket, 'call', 'WAITING', 'CALLED', clock_timestamp(), :session, :line, '', '{}', '{}');
UPDATE queueing_queueday SET version = version + 1, since_priority = mod(since_priority, 30000) + 1
    WHERE id = :line RETURNING version AS version \gset
COMMIT;
SELECT pg_notify('mpp_live', format('{"%s": %s}', :line::bigint, :version::bigint));
BEGIN;
SELECT id, date, prefix, quota, last_number, since_priority, express_run, version FROM queueing_queueday
    WHERE id IN (:line) ORDER BY id FOR NO KEY UPDATE;
SELECT state FROM queueing_ticket WHERE id = :ticket;
SELECT clock_timestamp();
UPDATE queueing_ticket SET state = 'SERVING', started_at = clock_timestamp() WHERE id = :ticket;
INSERT INTO queueing_ticketevent (ticket_id, step, source, target, at, session_id, line_id, reason, passed, detail)
    VALUES (:ticket, 'start', 'CALLED', 'SERVING', clock_timestamp(), :session, :line, '', '{}', '{}');
UPDATE queueing_queueday SET version = version + 1 WHERE id = :line RETURNING version AS version \gset
COMMIT;
SELECT pg_notify('mpp_live', format('{"%s": %s}', :line::bigint, :version::bigint));
BEGIN;
SELECT id, date, prefix, quota, last_number, since_priority, express_run, version FROM queueing_queueday
    WHERE id IN (:line) ORDER BY id FOR NO KEY UPDATE;
SELECT state FROM queueing_ticket WHERE id = :ticket;
SELECT clock_timestamp();
UPDATE queueing_ticket SET state = 'DONE', ended_at = clock_timestamp(), outcome = 'DONE' WHERE id = :ticket;
INSERT INTO queueing_ticketevent (ticket_id, step, source, target, at, session_id, line_id, reason, passed, detail)
    VALUES (:ticket, 'finish', 'SERVING', 'DONE', clock_timestamp(), :session, :line, '', '{}', '{}');
UPDATE queueing_queueday SET version = version + 1 WHERE id = :line RETURNING version AS version \gset
COMMIT;
SELECT pg_notify('mpp_live', format('{"%s": %s}', :line::bigint, :version::bigint));
