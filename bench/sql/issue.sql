-- What queueing.actions.issue_ticket does inside its transaction, and the hint after it.
\set place random(0, :lines - 1)
\set line :first_line + :place
\set service :first_service + :place
BEGIN;
SELECT id, date, prefix, quota, last_number, since_priority, express_run, version FROM queueing_queueday
    WHERE id IN (:line) ORDER BY id FOR NO KEY UPDATE;
SELECT clock_timestamp();
UPDATE queueing_queueday SET version = version + 1, last_number = last_number + 1
    WHERE id = :line RETURNING last_number AS number, version AS version \gset
INSERT INTO queueing_ticket (queue_day_id, number, line_id, service_id, state, channel, priority, lane, phone,
                             person, nonce, token_digest, request_key, calls, issued_at, arrived_at, outcome,
                             outcome_note, reentries)
    VALUES (:line, :number, :line, :service, 'WAITING', 'ONLINE', '', 'R', '', '',
            replace(gen_random_uuid()::text, '-', ''),
            encode(sha256(convert_to(gen_random_uuid()::text, 'UTF8')), 'hex'),
            gen_random_uuid()::text, 0, clock_timestamp(), clock_timestamp(), '', '', 0)
    RETURNING id AS ticket \gset
INSERT INTO queueing_ticketevent (ticket_id, step, source, target, at, line_id, reason, passed, detail)
    VALUES (:ticket, 'issue', '', 'WAITING', clock_timestamp(), :line, '', '{}', '{}');
COMMIT;
SELECT pg_notify('mpp_live', format('{"%s": %s}', :line::bigint, :version::bigint));
