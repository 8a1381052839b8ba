"""What must hold at every moment (trust.md 2.2): each check returns the breaches it finds.

The constraints and triggers make most of these impossible. They are asked again here because a
restored backup, a careless psql session or a future migration could still break them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from django.db import connection
from django.db.models import F

from mpp.core import clock
from queueing.holders import slots_with_holders, with_holders
from queueing.models import Share, Slot, TicketEvent
from queueing.replay import calls_out_of_turn
from queueing.screens import last_calls, scenes
from queueing.workflow import TICKET
from services.enums import SubmissionState, SubmissionStep
from services.models import SubmissionEvent
from services.workflow import SUBMISSION

Check = Callable[[], Iterator[str]]

MOST_SHOWN = 20
CHECKS: dict[str, tuple[str, Check]] = {}


def check(code: str, promise: str) -> Callable[[Check], Check]:
    """Register a check under its number in trust.md."""

    def register(function: Check) -> Check:
        CHECKS[code] = (promise, function)
        return function

    return register


def _rows(sql: str) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        for row in cursor.fetchmany(MOST_SHOWN):
            yield ", ".join(str(value) for value in row)


@check("INV-1", "tidak ada nomor ganda dalam satu antrean dan tanggal")
def numbers_are_unique() -> Iterator[str]:
    yield from _rows("SELECT queue_day_id, number FROM queueing_ticket GROUP BY 1, 2 HAVING count(*) > 1")


@check("INV-2", "nomor tanpa lompatan")
def numbers_have_no_gap() -> Iterator[str]:
    yield from _rows(
        "SELECT queue_day_id, max(number), count(*) FROM queueing_ticket"
        " GROUP BY 1 HAVING max(number) <> count(*)"
    )


@check("INV-3", "nomor yang keluar tidak melebihi kuota, dan setiap tempat yang terpakai ada pemegangnya")
def quota_holds() -> Iterator[str]:
    limited = with_holders(Share.objects.filter(line__quota__isnull=False))
    for share in limited.exclude(held=F("taken"), taken__lte=F("reserved"))[:MOST_SHOWN]:
        yield f"{share.pk}, {share.name}, {share.reserved}, {share.taken}, {share.held}"
    yield from _rows(
        "SELECT d.id, d.quota, sum(s.reserved) FROM queueing_queueday d"
        " JOIN queueing_share s ON s.line_id = d.id WHERE d.quota IS NOT NULL"
        " GROUP BY d.id HAVING sum(s.reserved) <> d.quota"
    )
    times = slots_with_holders(Slot.objects.all())
    for slot in times.exclude(held=F("taken"), taken__lte=F("capacity"))[:MOST_SHOWN]:
        yield f"{slot.pk}, {slot.capacity}, {slot.taken}, {slot.held}"


@check("INV-4", "satu loket paling banyak satu nomor, satu orang paling banyak di satu loket")
def one_number_at_a_counter() -> Iterator[str]:
    for column in ("session_id", "visit_id"):
        yield from _rows(
            f"SELECT '{column}', {column}, count(*) FROM queueing_ticket"  # noqa: S608  two words of ours
            f" WHERE state IN ('CALLED', 'SERVING') AND {column} IS NOT NULL"
            " GROUP BY 2 HAVING count(*) > 1"
        )


@check("INV-5", "urutan panggilan mengikuti urutan datang di tiap lajur")
def calls_follow_arrival() -> Iterator[str]:
    yield from islice(calls_out_of_turn(), MOST_SHOWN)


@check("INV-6", "setiap nomor punya kejadian ‘ambil’ dan sidik tautan")
def every_number_was_issued() -> Iterator[str]:
    yield from _rows(
        "SELECT t.id FROM queueing_ticket t WHERE length(t.token_digest) <> 64 OR NOT EXISTS"
        " (SELECT 1 FROM queueing_ticketevent e WHERE e.ticket_id = t.id AND e.step = 'issue')"
    )


@check("INV-7", "setiap langkah sah dan sambung-menyambung")
def every_step_is_an_edge() -> Iterator[str]:
    legal = {(edge.name, source, edge.target) for edge in TICKET.table.values() for source in edge.sources}
    seen = (
        TicketEvent.objects.exclude(step="issue")
        .values_list("step", "source", "target")
        .distinct()
        .order_by()
    )
    for step in seen:
        if step not in legal:
            yield " ".join(step)
    yield from _rows(
        """
        SELECT ticket_id, id FROM (
            SELECT ticket_id, id, source, lag(target) OVER (PARTITION BY ticket_id ORDER BY id) AS before
            FROM queueing_ticketevent
        ) chain WHERE source <> coalesce(before, '')
        """
    )
    yield from _rows(
        """
        SELECT t.id, t.state, e.target FROM queueing_ticket t
        JOIN LATERAL (
            SELECT target FROM queueing_ticketevent WHERE ticket_id = t.id ORDER BY id DESC LIMIT 1
        ) e
        ON e.target <> t.state
        """
    )


@check("INV-8", "pesan selesai dalam waktunya, tidak ada yang terkirim dua kali")
def messages_end() -> Iterator[str]:
    yield from _rows(
        "SELECT id, state FROM notifications_message WHERE state IN ('PENDING', 'LEASED', 'SENDING')"
        " AND not_after < clock_timestamp() - interval '5 minutes'"
    )


@check("INV-9", "layar menunjukkan panggilan terakhir yang tercatat")
def displays_show_the_truth() -> Iterator[str]:
    at = clock.now()
    for scene in scenes():
        for part in scene.parts:
            shown = [call["id"] for call in last_calls(part, at)]
            if shown != sorted(shown, reverse=True):
                yield scene.code


@check("INV-10", "nomor, layanan, dan loket milik instansi yang sama")
def agencies_agree() -> Iterator[str]:
    yield from _rows(
        """
        SELECT t.id FROM queueing_ticket t
        JOIN services_service s ON s.id = t.service_id
        JOIN queueing_queueday d ON d.id = t.queue_day_id JOIN queueing_queue q ON q.id = d.queue_id
        WHERE q.agency_id <> s.agency_id
        """
    )
    yield from _rows(
        """
        SELECT e.id FROM queueing_ticketevent e
        JOIN queueing_queueday d ON d.id = e.line_id JOIN queueing_queue q ON q.id = d.queue_id
        JOIN queueing_countersession c ON c.id = e.session_id
        WHERE e.step = 'call' AND c.agency_id <> q.agency_id
        """
    )


@check("INV-11", "diambil ≤ dipanggil ≤ dilayani ≤ selesai")
def times_are_in_order() -> Iterator[str]:
    yield from _rows(
        "SELECT id FROM queueing_ticket"
        " WHERE called_at < issued_at OR started_at < called_at OR ended_at < started_at"
    )


@check("INV-12", "tanggal antrean sama dengan tanggal setempat saat diambil")
def dates_are_local() -> Iterator[str]:
    yield from _rows(
        """
        SELECT t.id FROM queueing_ticket t JOIN queueing_queueday d ON d.id = t.queue_day_id, core_mall m
        WHERE (t.issued_at AT TIME ZONE m.timezone)::date <> d.date AND t.carried_from_id IS NULL
        """
    )


@check("INV-13", "pencatat nomor terakhir dan pencatat yang menunggu cocok dengan nomor-nomornya")
def counters_tell_the_truth() -> Iterator[str]:
    yield from _rows(
        """
        SELECT d.id, d.last_number, coalesce(max(t.number), 0) FROM queueing_queueday d
        LEFT JOIN queueing_ticket t ON t.queue_day_id = d.id
        GROUP BY d.id HAVING d.last_number <> coalesce(max(t.number), 0)
        """
    )
    yield from _rows(
        """
        SELECT coalesce(b.line_id, t.line_id), coalesce(b.waiting, 0), coalesce(t.waiting, 0)
        FROM (SELECT * FROM queueing_waitingblock WHERE waiting > 0) b
        FULL JOIN (
            SELECT line_id, lane, floor(extract(epoch FROM arrived_at) / 60)::int AS minute, service_id,
                   count(*) AS waiting
            FROM queueing_ticket WHERE state = 'WAITING' GROUP BY 1, 2, 3, 4
        ) t USING (line_id, lane, minute, service_id)
        WHERE coalesce(b.waiting, 0) <> coalesce(t.waiting, 0)
        """
    )


@check("INV-14", "setiap langkah berkas sah dan sambung-menyambung")
def every_step_of_a_file_is_an_edge() -> Iterator[str]:
    edges = SUBMISSION.table.values()
    legal = {(edge.name, source, edge.target) for edge in edges for source in edge.sources}
    first = (SubmissionStep.RECEIVE.value, "", SubmissionState.RECEIVED.value)
    seen = SubmissionEvent.objects.order_by().values_list("step", "source", "target").distinct()
    for step in seen:
        if step not in {*legal, first}:
            yield " ".join(step)
    yield from _rows(
        """
        SELECT submission_id, id FROM (
            SELECT submission_id, id, source,
                   lag(target) OVER (PARTITION BY submission_id ORDER BY id) AS before
            FROM services_submissionevent
        ) chain WHERE source <> coalesce(before, '')
        """
    )
    yield from _rows(
        """
        SELECT s.id, s.state FROM services_submission s WHERE s.state IS DISTINCT FROM (
            SELECT target FROM services_submissionevent e
            WHERE e.submission_id = s.id ORDER BY e.id DESC LIMIT 1
        )
        """
    )
