"""The kiosk: three touches to a number, and what is printed."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from mpp.core import clock
from mpp.core.templatetags.mpp import qr
from queueing import actions, tiles
from queueing.enums import Channel, Priority, TicketState
from queueing.models import Queue, QueueService, Ticket, TicketEvent
from queueing.views import kiosk
from services.enums import FeeKind
from services.models import OpeningHours, ServiceStandard
from tenants.enums import AgencyKind, AgencyStatus
from tests.conftest import Place
from tests.factories import (
    LONG_AGO,
    issue,
    make_agency,
    make_counter,
    make_queue,
    make_service,
    make_zone,
    open_session,
)

WITA = ZoneInfo("Asia/Makassar")
SUNDAY_10 = datetime(2026, 11, 22, 10, tzinfo=WITA)
MONDAY_1230 = datetime(2026, 11, 23, 12, 30, tzinfo=WITA)


def text_of(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return " ".join(response.content.decode().split())


def touch(client: Client, slug: str = "ktp-hilang", **data: str) -> Any:
    return client.post(f"/anjungan/ambil/{slug}/", {"kunci": str(uuid.uuid4()), **data})


def choices(text: str) -> int:
    """Count what can be touched to choose, the way on included."""
    return len(re.findall(r'class="(?:tile|choice)[ "]', text))


def keep_office_hours() -> None:
    OpeningHours.objects.all().delete()
    for weekday in range(1, 6):
        OpeningHours.objects.create(
            weekday=weekday,
            opens_at=time(8),
            closes_at=time(15),
            break_from=time(12),
            break_to=time(13),
            valid_from=LONG_AGO,
        )


# Three touches


def test_three_touches_lead_from_the_agency_to_the_number(client: Client, place: Place) -> None:
    first = text_of(client, "/anjungan/")
    assert 'href="/anjungan/dukcapil/"' in first
    second = text_of(client, "/anjungan/dukcapil/")
    assert 'action="/anjungan/ambil/ktp-hilang/"' in second
    key = re.findall(r'name="kunci" value="([^"]+)"', second)[0]
    response = client.post("/anjungan/ambil/ktp-hilang/", {"kunci": key})
    ticket = Ticket.objects.get()
    assert response.status_code == 303
    assert response["Location"] == f"/anjungan/nomor/{ticket.token}/"
    third = text_of(client, response["Location"])
    assert '<p class="num number">A-001</p>' in third
    assert "KTP elektronik hilang atau rusak" in third
    assert "Dukcapil · loket 2 · lantai 1" in third
    assert ticket.channel == Channel.KIOSK
    assert ticket.priority == Priority.NONE


def test_two_touches_with_one_key_make_one_number(client: Client, place: Place) -> None:
    key = str(uuid.uuid4())
    first, second = touch(client, kunci=key), touch(client, kunci=key)
    assert first["Location"] == second["Location"]
    assert Ticket.objects.count() == 1


def test_each_service_and_each_showing_has_its_own_key(client: Client, place: Place) -> None:
    make_queue(make_service(place.agency))
    find = re.compile(r'name="kunci" value="([^"]+)"')
    keys = find.findall(text_of(client, "/anjungan/dukcapil/")) + find.findall(
        text_of(client, "/anjungan/dukcapil/")
    )
    assert len(keys) == len(set(keys)) == 4


def test_a_key_meets_no_number_of_another_channel(client: Client, place: Place) -> None:
    key = str(uuid.uuid4())
    online = issue(place.service, request_key=key)
    response = touch(client, kunci=key)
    assert online.token not in response["Location"]
    assert Ticket.objects.count() == 2


@pytest.mark.parametrize("key", ["", "a", "\x00", "x" * 10_000, "\u202e"])
def test_a_touch_without_a_good_key_writes_nothing(client: Client, place: Place, key: str) -> None:
    response = touch(client, kunci=key)
    assert response.status_code == 400
    assert "Layar ini sudah lama terbuka." in response.content.decode()
    assert not Ticket.objects.exists()


def test_a_form_without_its_csrf_token_writes_nothing(place: Place) -> None:
    response = touch(Client(enforce_csrf_checks=True))
    assert response.status_code == 403
    assert not Ticket.objects.exists()


def test_reloading_a_refusal_leads_to_the_start(client: Client, place: Place) -> None:
    response = client.get("/anjungan/ambil/ktp-hilang/")
    assert response.status_code == 302
    assert response["Location"] == "/anjungan/"


def test_being_first_by_law_is_carried_from_touch_to_touch(client: Client, place: Place) -> None:
    first = text_of(client, "/anjungan/")
    assert 'href="/anjungan/?didahulukan=1" role="switch" aria-checked="false"' in first
    first = text_of(client, "/anjungan/?didahulukan=1")
    assert 'href="/anjungan/" role="switch" aria-checked="true"' in first
    assert 'href="/anjungan/dukcapil/?didahulukan=1"' in first
    second = text_of(client, "/anjungan/dukcapil/?didahulukan=1")
    assert '<input type="hidden" name="didahulukan" value="1">' in second
    assert '<a href="/anjungan/?didahulukan=1">' in second
    response = touch(client, didahulukan="1")
    assert Ticket.objects.get().priority == Priority.GENERAL
    assert "didahulukan" in text_of(client, response["Location"])


# What is shown


@pytest.mark.usefixtures("measured")
def test_a_tile_names_the_agency_its_work_its_line_and_the_wait(client: Client, place: Place) -> None:
    type(place.agency).objects.update(summary="KTP, KK, akta")
    open_session(place.agency, place.counter, place.officer)
    issue(place.service)
    text = text_of(client, "/anjungan/")
    assert '<b>Dukcapil</b> <span class="what">KTP, KK, akta</span>' in text
    assert re.search(r"<strong>\d+–\d+</strong> menit", text)
    assert '<span class="prefix">A</span>' in text


def test_an_unstaffed_agency_can_be_touched_but_promises_no_minutes(client: Client, place: Place) -> None:
    text = text_of(client, "/anjungan/")
    assert "<strong>0</strong> menunggu" in text
    assert "</strong> menit" not in text
    assert "tile-off" not in text
    assert "belum dapat diperkirakan" in text_of(client, touch(client)["Location"])


def test_closed_agencies_stay_visible_with_their_time(client: Client, place: Place) -> None:
    keep_office_hours()
    with clock.frozen(SUNDAY_10):
        text = text_of(client, "/anjungan/")
        services = text_of(client, "/anjungan/dukcapil/")
    assert "tile-off" in text
    assert '<span class="state state-closed">Tutup</span>' in text
    assert '<span class="wait">besok 08.00</span>' in text
    assert "Belum ada yang buka. Mulai besok 08.00." in text
    assert "Sedang tutup. Buka lagi Senin, 23 November pukul 08.00." in services
    assert 'class="choice choice-off choice-long" href="/anjungan/layanan/ktp-hilang/"' in services
    assert 'action="/anjungan/ambil/' not in services


def test_a_break_is_shown_with_its_end_and_numbers_can_be_taken(client: Client, place: Place) -> None:
    keep_office_hours()
    with clock.frozen(MONDAY_1230):
        text = text_of(client, "/anjungan/")
        services = text_of(client, "/anjungan/dukcapil/")
        response = touch(client)
    assert '<span class="state state-break">Istirahat</span>' in text
    assert "lanjut 13.00" in text
    assert 'action="/anjungan/ambil/ktp-hilang/"' in services
    assert response.status_code == 303


def test_agencies_of_another_day_stand_after_those_of_today(client: Client, place: Place) -> None:
    visiting = make_agency(short_name="Taspen", position=0)
    make_queue(make_service(visiting))
    for weekday in range(1, 8):
        if weekday != clock.now().astimezone(WITA).isoweekday():
            OpeningHours.objects.create(
                agency=visiting,
                weekday=weekday,
                opens_at=time(8),
                closes_at=time(15),
                valid_from=LONG_AGO,
            )
    text = text_of(client, "/anjungan/")
    assert text.index("<b>Dukcapil</b>") < text.index("<b>Taspen</b>")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": AgencyStatus.PREPARING}, "Tamu belum "),
        ({"status": AgencyStatus.PAUSED}, "Tamu sedang tidak "),
        (
            {
                "kind": AgencyKind.BUMN,
                "status": AgencyStatus.OPERATING,
                "agreement_from": LONG_AGO,
                "agreement_to": LONG_AGO,
            },
            "Naskah kerja sama Tamu berakhir ",
        ),
    ],
)
def test_an_agency_that_may_not_issue_is_not_offered(
    client: Client, place: Place, fields: dict[str, Any], words: str
) -> None:
    other = make_agency(slug="tamu", short_name="Tamu", **fields)
    service = make_service(other, slug="tamu-layanan")
    make_queue(service)
    assert "Tamu" not in text_of(client, "/anjungan/")
    assert "tidak ada di anjungan" in text_of(client, "/anjungan/tamu/", 404)
    response = touch(client, "tamu-layanan")
    assert response.status_code == 409
    assert words in response.content.decode()
    assert not Ticket.objects.exists()


@pytest.mark.usefixtures("measured")
def test_an_agency_with_two_lines_shows_the_range_over_both(place: Place) -> None:
    second = make_service(place.agency, minutes=30)
    make_queue(second)
    open_session(place.agency, place.counter, place.officer)
    for _number in range(4):
        issue(second)
    [tile] = tiles.agency_tiles(clock.now())
    assert tile.offer.mark == "open"
    assert tile.offer.minutes is not None
    low, high = tile.offer.minutes
    # One counter serves both lines, first come first served: the four hold up whoever joins either.
    assert low <= 120 <= high


# Not more than eight


def test_no_screen_offers_more_than_eight_choices(client: Client, place: Place) -> None:
    for _number in range(17):
        make_queue(make_service(make_agency()))
    found: list[str] = []
    for screen, tiles_shown in ((1, 8), (2, 8), (3, 4)):
        text = text_of(client, f"/anjungan/?hal={screen}")
        assert choices(text) == tiles_shown
        found += re.findall(r'class="tile[^"]*" href="/anjungan/([\w-]+)/"', text)
    assert len(found) == len(set(found)) == 18
    assert "11 instansi lagi" in text_of(client, "/anjungan/")
    assert "Instansi lain" not in text_of(client, "/anjungan/?hal=3")


def test_services_are_paged_and_the_way_back_is_one_screen(client: Client, place: Place) -> None:
    for _number in range(10):
        QueueService.objects.create(queue=place.queue, service=make_service(place.agency))
    first = text_of(client, "/anjungan/dukcapil/")
    assert choices(first) == kiosk.ROOMS[False, False].services
    assert "6 layanan lagi" in first
    second = text_of(client, "/anjungan/dukcapil/?hal=2")
    assert choices(second) == 6
    assert "Berikutnya" not in second
    assert '<a href="/anjungan/dukcapil/">' in second


@pytest.mark.parametrize("count", range(40))
def test_screens_together_show_each_item_once(count: int) -> None:
    items = list(range(count))
    seen: list[int] = []
    number = 1
    while True:
        screen = tiles.screen_of(items, size=8, number=number)
        assert screen.number == number
        assert len(screen.items) + (1 if screen.rest else 0) <= 8
        seen += screen.items
        if not screen.rest:
            break
        number += 1
    assert seen == items


@pytest.mark.parametrize("page", ["0", "-1", "abc", "99999999999", "²", "%00", "2.5", ""])
def test_a_nonsense_page_shows_a_screen(client: Client, place: Place, page: str) -> None:
    assert "Dukcapil" in text_of(client, f"/anjungan/?hal={page}")


# Refusals


def test_a_full_line_says_when_numbers_come_again(client: Client, place: Place) -> None:
    Queue.objects.update(daily_quota=1)
    touch(client)
    response = touch(client)
    text = " ".join(response.content.decode().split())
    assert response.status_code == 409
    assert "Nomor hari ini sudah habis." in text
    assert '<b class="num big">00.00</b> WITA besok' in text
    assert 'href="/anjungan/dukcapil/"' in text
    assert Ticket.objects.count() == 1
    assert "Penuh" in text_of(client, "/anjungan/")


def test_a_closed_service_is_refused_with_its_next_opening(client: Client, place: Place) -> None:
    keep_office_hours()
    with clock.frozen(SUNDAY_10):
        response = touch(client)
    text = " ".join(response.content.decode().split())
    assert response.status_code == 409
    assert "Sedang tutup." in text
    assert '<b class="num big">08.00</b> WITA besok' in text
    assert "Kembali" in text
    assert not Ticket.objects.exists()


def test_unknown_services_agencies_and_numbers_look_like_the_kiosk(client: Client, place: Place) -> None:
    for path in ("/anjungan/tidak-ada/", f"/anjungan/nomor/{'x' * 32}/", "/anjungan/nomor/x/karcis/"):
        assert '<body class="kiosk tells">' in text_of(client, path, 404)
    response = touch(client, "tidak-ada")
    assert response.status_code == 404
    assert "data-mpp-kiosk" in response.content.decode()


def test_an_unpublished_service_gives_no_number(client: Client, place: Place) -> None:
    make_service(place.agency, slug="tersembunyi", is_published=False)
    assert touch(client, "tersembunyi").status_code == 404
    ServiceStandard.objects.filter(service=place.service).delete()
    assert touch(client).status_code == 404
    assert not Ticket.objects.exists()


def test_one_address_takes_at_most_so_many_numbers_a_minute(
    client: Client, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kiosk, "NUMBERS_A_MINUTE", 2)
    assert [touch(client).status_code for _touch in range(3)] == [303, 303, 429]
    assert Ticket.objects.count() == 2
    with override_settings(LOAD_TEST=True):
        assert touch(client).status_code == 303


def test_before_the_set_up_the_kiosk_says_so(client: Client, db: None) -> None:
    text = text_of(client, "/anjungan/", 503)
    assert "Portal belum disiapkan." in text


# Number and slip


def printed(client: Client, ticket: Ticket) -> str:
    return text_of(client, f"/anjungan/nomor/{ticket.token}/karcis/")


@pytest.mark.usefixtures("measured")
def test_the_slip_says_all_that_a_visitor_needs(client: Client, place: Place) -> None:
    open_session(place.agency, place.counter, place.officer)
    issue(place.service)
    ticket = issue(place.service, channel=Channel.KIOSK)
    slip = printed(client, ticket)
    local = clock.local(ticket.issued_at)
    assert '<p class="num number">A-002</p>' in slip
    assert "KTP elektronik hilang atau rusak" in slip
    assert "Dukcapil · loket 2 · lantai 1, kanan" in slip
    assert f"{local:%Y}, {local:%H.%M} WITA" in slip
    assert "<dd>1 <small>orang</small></dd>" in slip
    assert re.search(r"<dd>\d+–\d+ <small>menit lagi</small></dd>", slip)
    assert "Bawa: Kartu Keluarga; KTP lama. <b>Gratis.</b>" in slip
    assert "Nomor ini tidak untuk dijual." in slip


def test_the_slip_is_part_of_the_ticket_screen(client: Client, place: Place) -> None:
    text = text_of(client, touch(client)["Location"])
    before, slip = text.split('data-mpp-slip="80">')
    assert "Nomor ini tidak untuk dijual." in slip
    assert "Nomor ini tidak untuk dijual." not in before


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"fee_kind": FeeKind.AMOUNT, "fee_amount": 30000}, "<b>Biaya Rp30.000.</b>"),
        (
            {"fee_kind": FeeKind.VARIABLE, "fee_text": "STNK motor Rp100.000."},
            "<b>Biaya: STNK motor Rp100.000.</b>",
        ),
    ],
)
def test_a_fee_stands_on_the_slip(client: Client, place: Place, fields: dict[str, Any], words: str) -> None:
    ServiceStandard.objects.update(**fields)
    assert words in printed(client, issue(place.service))


def test_neither_screen_nor_slip_shows_a_telephone_number(client: Client, place: Place) -> None:
    ticket = issue(place.service, phone="+6281234567890")
    for path in (f"/anjungan/nomor/{ticket.token}/", f"/anjungan/nomor/{ticket.token}/karcis/"):
        text = text_of(client, path)
        assert "81234567890" not in text
        assert place.officer.first_name not in text


@pytest.mark.parametrize("public_url", ["", "https://mpp.example.go.id"])
def test_the_code_leads_to_the_number_on_the_phone(client: Client, place: Place, public_url: str) -> None:
    ticket = issue(place.service)
    with override_settings(PUBLIC_URL=public_url):
        text = printed(client, ticket)
    target = f"{public_url or 'http://testserver'}/t/{ticket.token}/"
    assert qr(target, "Kode QR nomor A-001") in text


def test_counters_in_two_zones_are_both_named(client: Client, place: Place) -> None:
    upstairs = make_zone(floor="Lantai 2", directions="naik lift", position=9)
    make_counter(place.agency, upstairs, number="31")
    slip = printed(client, issue(place.service))
    assert "loket 2 · lantai 1, kanan · loket 31 · lantai 2, naik lift" in slip


def test_a_called_number_shows_its_counter_in_place_of_the_wait(client: Client, place: Place) -> None:
    session = open_session(place.agency, place.counter, place.officer)
    ticket = issue(place.service)
    actions.call_next(session=session, by=place.officer)
    text = text_of(client, f"/anjungan/nomor/{ticket.token}/")
    assert "Di depan Anda" not in text
    assert "<dt>Loket</dt><dd>2</dd>" in text


@pytest.mark.parametrize(("label", "is_long"), [("A-001", False), ("KS-001", True), ("W-001", True)])
def test_wide_numbers_get_narrower_type(label: str, is_long: bool) -> None:
    assert tiles.is_long(label) is is_long


# The machine


def test_no_page_of_the_kiosk_is_stored(client: Client, place: Place) -> None:
    ticket = issue(place.service)
    for path in ("/anjungan/", "/anjungan/dukcapil/", f"/anjungan/nomor/{ticket.token}/", "/anjungan/x/"):
        assert "no-store" in client.get(path)["Cache-Control"]


def test_every_page_of_the_kiosk_keeps_the_content_policy(client: Client, place: Place) -> None:
    ticket = issue(place.service)
    for path in ("/anjungan/", "/anjungan/dukcapil/", f"/anjungan/nomor/{ticket.token}/", "/anjungan/x/"):
        text = client.get(path).content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text), path


def test_without_scripts_an_abandoned_screen_returns_to_the_start(client: Client, place: Place) -> None:
    for path in ("/anjungan/dukcapil/", touch(client)["Location"]):
        assert '<noscript><meta http-equiv="refresh" content="60; url=/anjungan/"></noscript>' in text_of(
            client, path
        )


def test_the_screens_ask_the_database_a_bounded_number_of_times(client: Client, place: Place) -> None:
    keep_office_hours()
    for _number in range(12):
        make_queue(make_service(make_agency()))
    ticket = issue_at_any_hour(place)
    bounds = {
        "/anjungan/": 14,
        "/anjungan/dukcapil/": 16,
        f"/anjungan/nomor/{ticket.token}/": 16,
    }
    for path, bound in bounds.items():
        # What changes rarely is in memory from the second time on.
        text_of(client, path)
        with CaptureQueriesContext(connection) as queries:
            text_of(client, path)
        assert len(queries) <= bound, [query["sql"] for query in queries.captured_queries]


def issue_at_any_hour(place: Place) -> Ticket:
    OpeningHours.objects.create(
        service=place.service,
        weekday=clock.now().astimezone(WITA).isoweekday(),
        opens_at=time(0),
        closes_at=time(0),
        valid_from=LONG_AGO,
    )
    ticket = issue(place.service)
    assert TicketEvent.objects.filter(ticket=ticket).exists()
    return ticket


# A wrong choice, and a printer that failed


def test_a_wrong_choice_is_given_back_at_the_kiosk_and_its_place_returns(
    client: Client, place: Place
) -> None:
    Queue.objects.update(daily_quota=1, online_percent=0)
    page = touch(client)["Location"]
    assert "Batalkan nomor</span>" in text_of(client, page)
    response = client.post(f"{page}batal/")
    assert response.status_code == 303
    text = text_of(client, response["Location"])
    assert "Nomor dibatalkan" in text
    assert "data-mpp-slip" not in text
    assert "data-mpp-print" not in text
    assert 'href="/anjungan/dukcapil/">' in text
    assert client.post(f"{page}batal/").status_code == 303
    assert TicketEvent.objects.filter(step="cancel").count() == 1
    with clock.frozen(clock.now() + timedelta(minutes=10)):
        assert touch(client).status_code == 303


def test_after_two_minutes_a_number_is_no_longer_cancelled_here(client: Client, place: Place) -> None:
    page = touch(client)["Location"]
    ticket = Ticket.objects.get()
    with clock.frozen(ticket.issued_at + timedelta(minutes=2, seconds=1)):
        assert "Batalkan nomor</span>" not in text_of(client, page)
        response = client.post(f"{page}batal/")
    assert response.status_code == 409
    assert "data-mpp-kiosk" in response.content.decode()
    ticket.refresh_from_db()
    assert ticket.state == TicketState.WAITING


def test_a_number_taken_elsewhere_is_not_cancelled_at_the_kiosk(client: Client, place: Place) -> None:
    ticket = issue(place.service)
    assert client.post(f"/anjungan/nomor/{ticket.token}/batal/").status_code == 409
    assert "Batalkan nomor</span>" not in text_of(client, f"/anjungan/nomor/{ticket.token}/")


def test_cancelling_by_looking_is_impossible(client: Client, place: Place) -> None:
    page = touch(client)["Location"]
    assert client.get(f"{page}batal/").status_code == 303
    assert Ticket.objects.get().state == TicketState.WAITING


def test_a_slip_that_failed_is_printed_again_with_the_same_number_and_link(
    client: Client, place: Place
) -> None:
    key = str(uuid.uuid4())
    first = touch(client, kunci=key)["Location"]
    slips = {printed(client, Ticket.objects.get()) for _time in range(3)}
    assert len({re.sub(r"<dd.*?</dd>", "", slip) for slip in slips}) == 1
    # The touch is repeated because its answer was lost on the way.
    assert touch(client, kunci=key)["Location"] == first
    assert Ticket.objects.count() == 1
    assert f'href="{first}karcis/"' in text_of(client, first)


# What is left


def test_the_kiosk_shows_what_it_can_really_give(client: Client, place: Place) -> None:
    Queue.objects.update(daily_quota=10, online_percent=60, kiosk_percent=20)
    for left in (4, 3, 2, 1):
        assert f"sisa {left} nomor" in text_of(client, "/anjungan/")
        assert f"Sisa {left} nomor." in text_of(client, "/anjungan/dukcapil/")
        assert touch(client).status_code == 303
    response = touch(client)
    assert response.status_code == 409
    text = " ".join(response.content.decode().split())
    assert "Nomor di tempat habis. Masih ada 6 nomor daring" in text
    assert "Penuh" in text_of(client, "/anjungan/")


def test_a_tile_has_room_for_what_is_left_only_when_that_is_little(client: Client, place: Place) -> None:
    Queue.objects.update(daily_quota=100, online_percent=50)
    assert "sisa" not in text_of(client, "/anjungan/")
    assert "Sisa 50 nomor." in text_of(client, "/anjungan/dukcapil/")


def test_without_a_quota_nothing_is_said_to_be_left(client: Client, place: Place) -> None:
    assert "isa " not in text_of(client, "/anjungan/")
    assert "isa " not in text_of(client, "/anjungan/dukcapil/")


def test_two_lines_of_one_agency_each_tell_what_is_left(client: Client, place: Place) -> None:
    Queue.objects.update(daily_quota=8, online_percent=50)
    make_queue(make_service(place.agency), daily_quota=3, online_percent=0)
    text = text_of(client, "/anjungan/dukcapil/")
    assert "sisa 4 nomor" in text
    assert "sisa 3 nomor" in text
    assert "sisa 7 nomor" in text_of(client, "/anjungan/")
