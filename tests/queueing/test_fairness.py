"""The fairness report: rules in words, figures that add up, reasons without names, for everyone."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mpp.core import clock
from queueing import actions
from queueing.actions.paper import Served
from queueing.enums import Channel, Leftover, Priority
from queueing.fairness import Counts, Wait, report_of, rule_words
from queueing.models import Booking, CounterSession, PriorityClass, Queue, Slot, Ticket
from services.models import Service
from tests import factories as make
from tests.conftest import Place

WITA = ZoneInfo("Asia/Makassar")
EIGHT = datetime(2026, 11, 23, 8, tzinfo=WITA)
DAY = EIGHT.date()


def text_of(client: Client, path: str = "/keadilan/", status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return " ".join(response.content.decode().split())


def later(minutes: float) -> datetime:
    return EIGHT + timedelta(minutes=minutes)


def take(place: Place, minutes: float = 0, service: Service | None = None, **fields: object) -> Ticket:
    with clock.frozen(later(minutes)):
        return make.issue(service or place.service, **fields)


def sit_down(place: Place) -> CounterSession:
    with clock.frozen(EIGHT):
        return make.open_session(place.agency, place.counter, place.officer)


def serve(session: CounterSession, minutes: float) -> Ticket:
    with clock.frozen(later(minutes)):
        ticket = actions.call_next(session=session, by=session.user)
        assert ticket is not None
        actions.start(ticket=ticket, by=session.user)
        return actions.finish(ticket=ticket, by=session.user)


def test_the_counts_of_a_line_add_up_to_what_was_issued(place: Place) -> None:
    session = sit_down(place)
    tickets = [take(place) for _number in range(6)]
    serve(session, 5)
    with clock.frozen(later(6)):
        called = actions.call_next(session=session, by=place.officer)
        assert called is not None
    make.miss(called, place.officer)
    with clock.frozen(later(10)):
        actions.cancel(ticket=tickets[2])
        actions.expire(ticket=tickets[3])
        report = report_of(DAY)
    [line] = report.lines
    assert line.counts == Counts(issued=6, served=1, missed=1, cancelled=1, left=1, running=2)
    assert line.counts.issued == sum(line.counts[1:])
    assert report.total == line.counts


def test_median_and_p90_are_those_of_each_class(place: Place) -> None:
    session = sit_down(place)
    Queue.objects.update(express_in_a_row=20)
    for _number in range(5):
        take(place)
    for _number in range(3):
        take(place, priority=Priority.ELDERLY)
    for minutes in (2, 4, 6, 10, 20, 30, 40, 60):
        serve(session, minutes)
    [line] = report_of(DAY).lines
    assert line.waits == [Wait("Reguler", 5, 30, 52), Wait("Prioritas", 3, 4, 6)]


def test_who_booked_waits_from_the_booked_time_or_from_coming_late(place: Place) -> None:
    session = sit_down(place)
    for arrived, came in ((10, 0), (10, 20)):
        ticket = take(place, came)
        slot, _new = Slot.objects.get_or_create(
            queue=place.queue, starts_at=later(10), defaults={"minutes": 30, "capacity": 2}
        )
        Ticket.objects.filter(pk=ticket.pk).update(arrived_at=later(arrived))
        Booking.objects.create(
            slot=slot,
            service=place.service,
            state="CHECKED_IN",
            code=f"K{came}",
            channel=Channel.ONLINE,
            token_digest=str(came),
            booked_at=EIGHT,
            checked_in_at=later(came),
            ticket=ticket,
        )
    serve(session, 30)
    serve(session, 30)
    [line] = report_of(DAY).lines
    assert line.waits == [Wait("Pesanan", 2, 15, 19)]


def test_a_wait_ends_with_the_first_call_and_not_with_the_last(place: Place) -> None:
    session = sit_down(place)
    take(place)
    with clock.frozen(later(5)):
        called = actions.call_next(session=session, by=place.officer)
        assert called is not None
    make.call_again(make.call_again(called, place.officer), place.officer)
    assert report_of(DAY).lines[0].waits == [Wait("Reguler", 1, 5, 5)]


def test_a_call_that_was_taken_back_is_no_call(place: Place) -> None:
    session = sit_down(place)
    take(place)
    with clock.frozen(later(5)):
        called = actions.call_next(session=session, by=place.officer)
        assert called is not None
        actions.undo(ticket=called, by=place.officer)
        assert report_of(DAY).lines[0].waits == []
    serve(session, 12)
    assert report_of(DAY).lines[0].waits == [Wait("Reguler", 1, 12, 12)]


def test_who_stands_in_line_again_has_waited_from_the_beginning(place: Place) -> None:
    session = sit_down(place)
    take(place)
    with clock.frozen(later(5)):
        called = actions.call_next(session=session, by=place.officer)
        assert called is not None
    missed = make.miss(called, place.officer)
    with clock.frozen(later(10)):
        actions.re_enter(ticket=missed)
    assert report_of(DAY).lines[0].waits == [Wait("Reguler", 1, 5, 5)]


def test_who_was_carried_over_waits_from_the_opening(place: Place) -> None:
    make_day(place)
    take(place, 360)
    with clock.frozen(later(7 * 60)):
        actions.carry_leftovers()
    tomorrow = later(24 * 60)
    with clock.frozen(tomorrow + timedelta(minutes=9)):
        session = make.open_session(place.agency, place.counter, place.officer)
        assert actions.call_next(session=session, by=place.officer) is not None
        [line] = report_of(tomorrow.date()).lines
    assert line.waits == [Wait("Reguler", 1, 10, 10)]


def make_day(place: Place) -> None:
    from services.models import OpeningHours

    OpeningHours.objects.update(opens_at=time(8), closes_at=time(15))
    Queue.objects.update(leftover=Leftover.CARRY, stops_in_time=False)


def test_papers_count_with_their_line(place: Place) -> None:
    served = {1: Served(later(10), later(15)), 2: Served()}
    with clock.frozen(later(60)):
        actions.enter_paper(
            service=place.service, first=1, last=3, since=EIGHT, until=EIGHT, served=served, by=place.officer
        )
        [line] = report_of(DAY).lines
    assert line.counts == Counts(issued=3, served=2, running=1)
    assert line.waits == [Wait("Reguler", 1, 10, 10)]


def test_calls_out_of_turn_stand_with_time_and_reason_and_without_names(client: Client, place: Place) -> None:
    session = sit_down(place)
    take(place)
    second = take(place, phone="+6281234567890")
    with clock.frozen(later(5)):
        actions.call_number(session=session, ticket=second, by=place.officer, reason="Mengejar pesawat")
        text = text_of(client)
    assert "<td>08.05</td><td>A-002</td><td>Dukcapil</td><td>Mengejar pesawat</td>" in text
    assert place.officer.first_name not in text
    assert "81234567890" not in text
    assert second.token not in text
    with clock.frozen(later(24 * 60)):
        assert "Mengejar pesawat" not in text_of(client)
        assert "Mengejar pesawat" in text_of(client, "/keadilan/2026-11-23/")


def test_who_was_let_go_first_by_staff_is_told_by_class_and_not_by_number(
    client: Client, place: Place
) -> None:
    PriorityClass.objects.update_or_create(code=Priority.SUDDEN, defaults={"name": "Sakit mendadak"})
    ticket = take(place)
    with clock.frozen(later(5)):
        actions.prioritise(ticket=ticket, priority=Priority.SUDDEN, by=place.officer, reason="Pusing berat")
        text = text_of(client)
    assert "<td>08.05</td><td>Sakit mendadak</td><td>Dukcapil</td><td>Pusing berat</td>" in text
    assert ticket.label not in text


def test_the_rule_is_told_in_words_with_the_figures_of_the_line(client: Client, place: Place) -> None:
    Queue.objects.update(express_in_a_row=2, priority_ratio=3, ageing_minutes=45, reentry_minutes=20)
    take(place)
    with clock.frozen(later(1)):
        text = text_of(client)
    assert "Di antara dua panggilan reguler paling banyak 2 prioritas atau pesanan." in text
    assert "Di antara dua panggilan prioritas paling banyak 3 reguler." in text
    assert "menunggu 45 menit dipanggil paling lambat" in text
    assert "masuk lagi satu kali dalam 20 menit, sesudah 3 orang" in text
    assert "Yang masih menunggu saat tutup tetap dilayani." in text
    assert "Satu orang memegang satu nomor per layanan, paling banyak 3 di mal ini." in text
    assert f'id="antrean-{place.queue.code}"' in text


def test_each_rule_of_the_end_of_the_day_has_its_own_words(place: Place) -> None:
    carried = rule_words(Queue(leftover=Leftover.CARRY, reentry_minutes=0, stops_in_time=False))
    assert any("nomor terdepan pada hari buka berikutnya" in sentence for sentence in carried)
    assert not any("masuk lagi" in sentence for sentence in carried)
    assert any("sisa waktu buka" in sentence for sentence in rule_words(Queue()))


def test_an_earlier_day_keeps_the_rule_that_held_then(place: Place) -> None:
    take(place)
    place.queue.express_in_a_row = 1
    place.queue.save()
    place.queue.history.update(history_date=EIGHT)
    with clock.frozen(later(3 * 24 * 60)):
        Queue.objects.update(express_in_a_row=9)
        assert report_of(DAY).lines[0].queue.express_in_a_row == 1


def test_the_quota_is_shown_with_its_shares(client: Client, place: Place) -> None:
    Queue.objects.update(daily_quota=10, online_percent=50, kiosk_percent=20)
    place.queue.refresh_from_db()
    take(place)
    with clock.frozen(later(1)):
        actions.lease(queue=place.queue, holder="Anjungan", size=2)
        text = text_of(client)
    assert "<b>Kuota 10</b>: daring 1 dari 5, di tempat 0 dari 3, anjungan 0 dari 2." in text


def test_a_day_without_lines_says_so(client: Client, place: Place) -> None:
    assert "Tidak ada antrean pada hari itu." in text_of(client, "/keadilan/2020-01-01/")


@pytest.mark.parametrize(
    "day", ["besok", "2026-13-01", "2026-02-30", "20261123", "2026-W48", "9999-12-31", "%00", "1", "2026-1-1"]
)
def test_what_is_no_past_date_is_404(client: Client, place: Place, day: str) -> None:
    assert client.get(f"/keadilan/{day}/").status_code == 404


def test_days_lead_to_each_other(client: Client, place: Place) -> None:
    take(place)
    with clock.frozen(later(2 * 24 * 60)):
        assert 'href="/keadilan/2026-11-23/"' in text_of(client)
        text = text_of(client, "/keadilan/2026-11-23/")
    assert 'href="/keadilan/2026-11-24/"' in text


def test_every_page_links_to_it(client: Client, place: Place) -> None:
    assert '<a href="/keadilan/">Aturan giliran</a>' in text_of(client, "/")


def test_the_report_costs_a_bounded_number_of_queries(client: Client, place: Place) -> None:
    for _number in range(12):
        take(place, service=make_line())
    with clock.frozen(later(1)):
        text_of(client)
        with CaptureQueriesContext(connection) as queries:
            text = text_of(client)
    assert text.count('class="line-report"') == 12
    assert len(queries) <= 16, [query["sql"] for query in queries.captured_queries]


def make_line() -> Service:
    service = make.make_service()
    make.make_queue(service)
    return service
