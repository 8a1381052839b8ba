"""A promise is typed on one page; what contradicts the hall is refused there, in words."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from django.test import Client

from agreements.enums import InstrumentState
from agreements.models import Instrument, Promise
from mpp.core import clock
from services.models import OpeningHours
from tenants.models import Agency, CounterDuty
from tests import factories as make
from tests.admin.conftest import make_instrument, url
from tests.conftest import Place

SINCE = date(2026, 1, 5)


@pytest.fixture
def hall(place: Place) -> Place:
    """A mall that is open on Mondays and Tuesdays from nine to three."""
    OpeningHours.objects.all().delete()
    for weekday in (1, 2):
        OpeningHours.objects.create(
            weekday=weekday, opens_at=time(9), closes_at=time(15), valid_from=date(2025, 1, 1)
        )
    return place


@pytest.fixture
def paper(hall: Place, bank: Agency) -> Instrument:
    return make_instrument(bank, state=InstrumentState.SIGNED)


def page_of(paper: Instrument, days: list[tuple[int, str, str]], **more: Any) -> dict[str, Any]:
    """What the browser sends: the promise and its days; counters and services when they are given."""
    sent: dict[str, Any] = {
        "agency": paper.agency_id,
        "instrument": paper.pk,
        "version": 1,
        "valid_from": SINCE.isoformat(),
        "note": "",
    }
    rows = {
        "days": [
            {"weekday": weekday, "opens_at": opens, "closes_at": closes, "officers": 2}
            for weekday, opens, closes in days
        ],
        "counters": [{"counter": counter.pk} for counter in more.get("counters", ())],
        "services": [
            {"service": service.pk, "daily_numbers": numbers} for service, numbers in more.get("services", ())
        ],
    }
    for prefix, forms in rows.items():
        sent |= {f"{prefix}-TOTAL_FORMS": len(forms), f"{prefix}-INITIAL_FORMS": 0}
        for number, form in enumerate(forms):
            sent |= {f"{prefix}-{number}-{name}": value for name, value in form.items()}
    return sent


def refused(admin: Client, sent: dict[str, Any]) -> str:
    page = admin.post(url(Promise, "add"), sent)
    assert page.status_code == 200
    assert not Promise.objects.exists()
    return page.content.decode()


def test_a_promise_is_written_with_its_days_counters_and_services(
    admin: Client, hall: Place, paper: Instrument
) -> None:
    counter, service = make.make_counter(paper.agency, hall.zone), make.make_service(paper.agency)
    sent = page_of(paper, [(2, "09:00", "14:00")], counters=[counter], services=[(service, 30)])
    assert admin.post(url(Promise, "add"), sent).status_code == 302
    promise = Promise.objects.get()
    assert [(day.weekday, day.officers) for day in promise.days.all()] == [(2, 2)]
    assert [row.daily_numbers for row in promise.services.all()] == [30]


def test_the_page_proposes_the_days_of_the_mall(admin: Client, hall: Place) -> None:
    page = admin.get(url(Promise, "add"))
    [days] = [each.formset for each in page.context["inline_admin_formsets"] if each.formset.prefix == "days"]
    assert [form.initial["weekday"] for form in days.forms] == [1, 2]


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ((1, "07:00", "14:00"), "Senin 07.00–14.00 di luar jam mal, 09.00–15.00."),
        ((2, "09:00", "15:30"), "Selasa 09.00–15.30 di luar jam mal"),
        ((6, "09:00", "12:00"), "Sabtu: mal tutup pada hari itu."),
    ],
)
def test_a_promise_outside_the_hours_of_the_mall_is_refused(
    admin: Client, paper: Instrument, day: tuple[int, str, str], words: str
) -> None:
    assert words in refused(admin, page_of(paper, [day]))


def test_a_counter_of_another_agency_is_refused(admin: Client, hall: Place, paper: Instrument) -> None:
    page = refused(admin, page_of(paper, [(1, "09:00", "14:00")], counters=[hall.counter]))
    assert f"{hall.counter} sudah dijanjikan kepada {hall.agency.short_name}" in page


def test_the_same_counter_on_another_day_is_free(admin: Client, hall: Place, paper: Instrument) -> None:
    CounterDuty.objects.update(weekday=1)
    sent = page_of(paper, [(2, "09:00", "14:00")], counters=[hall.counter])
    assert admin.post(url(Promise, "add"), sent).status_code == 302


def test_a_service_of_another_agency_is_refused(admin: Client, hall: Place, paper: Instrument) -> None:
    page = refused(admin, page_of(paper, [(1, "09:00", "14:00")], services=[(hall.service, 5)]))
    assert "bukan layanan instansi ini" in page


def test_a_promise_without_a_day_is_refused(admin: Client, paper: Instrument) -> None:
    assert "Isi sedikitnya satu hari." in refused(admin, page_of(paper, []))


def test_a_promise_outside_the_term_of_its_paper_is_refused(admin: Client, paper: Instrument) -> None:
    days = [(1, "09:00", "14:00")]
    assert "sebelum naskahnya berlaku" in refused(admin, page_of(paper, days) | {"valid_from": "2024-01-01"})
    assert "sesudah naskahnya berakhir" in refused(admin, page_of(paper, days) | {"valid_from": "2099-01-01"})


def test_a_promise_in_force_is_not_touched_by_hand(admin: Client, hall: Place, paper: Instrument) -> None:
    admin.post(url(Promise, "add"), page_of(paper, [(1, "09:00", "14:00")]))
    Promise.objects.update(enacted_at=clock.now())
    promise = Promise.objects.get()
    assert admin.post(url(Promise, "change", promise.pk), {}).status_code == 403
    assert admin.get(url(Promise, "change", promise.pk)).status_code == 200
