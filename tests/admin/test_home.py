"""The first page, the menu's search and saved filters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from agreements.models import Finding
from mpp.core import clock
from mpp.core.attention import Urgency, gathered
from mpp.core.models import AuditEntry
from mpp.dashboard.home import SOURCES
from mpp.dashboard.models import SavedView
from queueing import actions
from queueing.today import agencies_today
from services.models import Service, ServiceStandard
from tenants.attention import STUCK_DAYS
from tenants.enums import AgencyStatus, Role
from tenants.models import Agency, DeviceState
from tests import factories as make
from tests.admin.conftest import url
from tests.conftest import Place

pytestmark = pytest.mark.django_db


def lines(reach: frozenset[int] | None = None) -> list[str]:
    return [line.text for line in gathered(SOURCES, clock.today(), reach)]


def manager(agency: Agency) -> Client:
    client = Client()
    client.force_login(make.make_user(Role.AGENCY_MANAGER, agency))
    return client


def test_people_who_wait_for_nobody_come_first(place: Place, bank: Agency) -> None:
    make.issue(place.service)
    ServiceStandard.objects.all().delete()
    first, second = gathered(SOURCES, clock.today(), None)
    assert first.text == "Dukcapil: 1 orang menunggu, belum ada loket yang buka."
    assert (first.urgency, second.urgency) == (Urgency.NOW, Urgency.TODAY)
    assert second.text == "1 layanan belum tampil: standarnya belum terbit."
    make.open_session(place.agency, place.counter, place.officer)
    assert lines() == [second.text]


def test_a_silent_device_is_the_malls_and_not_the_agencys(place: Place) -> None:
    device = make.make_device(name="Anjungan pintu")
    make.pair(device)
    DeviceState.objects.update_or_create(
        device=device, defaults={"seen_at": clock.now() - timedelta(minutes=10)}
    )
    assert lines() == ["Anjungan pintu (anjungan) tidak terlihat."]
    assert lines(frozenset({place.agency.pk})) == []


def test_an_agency_that_has_stood_still_for_long_is_named(place: Place, bank: Agency) -> None:
    assert lines() == []
    long_ago = clock.now() - timedelta(days=STUCK_DAYS + 3)
    bank.history.update(history_date=long_ago)
    assert lines() == [f"Bank Uji sudah {STUCK_DAYS + 3} hari di langkah “persiapan”."]
    Agency.objects.filter(pk=bank.pk).update(status=AgencyStatus.COMMITTED)
    version = bank.history.first()
    version.pk, version.status, version.history_date = None, AgencyStatus.COMMITTED, clock.now()
    version.save()
    assert lines() == []


def test_the_table_of_today_says_who_waits_how_long_and_who_is_absent(place: Place) -> None:
    officer = place.officer
    session = make.open_session(place.agency, place.counter, officer)
    make.issue(place.service)
    with clock.frozen(clock.now() + timedelta(minutes=7)):
        called = actions.call_next(session=session, by=officer)
        assert called is not None
        actions.start(ticket=called, by=officer)
    with clock.frozen(clock.now() + timedelta(minutes=40)):
        actions.finish(ticket=called, by=officer)
    make.issue(place.service)
    [row] = agencies_today(clock.today(), None)
    assert (row.waiting, row.served, row.absent, row.late) == (1, 1, 0, 1)
    assert (row.usual, row.slow, row.counters, row.open) == (7, 7, 1, 1)
    assert agencies_today(clock.today(), frozenset()) == []


def test_a_manager_reads_of_the_own_agency_only(place: Place, bank: Agency) -> None:
    other = make.make_agency(short_name="Samsat Zirkonia")
    make.issue(make_line(other))
    make.issue(place.service)
    page = manager(place.agency).get("/admin/")
    shown = page.content.decode()
    assert page.status_code == 200
    assert "Dukcapil: 1 orang menunggu" in shown
    assert "Zirkonia" not in shown
    assert [row.agency for row in page.context["agencies"]] == [place.agency]


def make_line(agency: Agency) -> Service:
    service = make.make_service(agency)
    make.make_queue(service)
    return service


def test_the_first_page_asks_few_questions_however_many_agencies(
    place: Place, admin: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(6):
        make.issue(make_line(make.make_agency()))
    with django_assert_max_num_queries(30):
        assert admin.get("/admin/").status_code == 200


def find(client: Client, term: str) -> dict[str, list[str]]:
    page = client.get("/admin/search/", {"s": term})
    return {group.title: [item.title for item in group.items] for group in page.context["groups"]}


def test_the_search_finds_names_codes_and_numbers_of_today(everything: Place, admin: Client) -> None:
    ticket = make.issue(everything.service)
    assert find(admin, "dukcapil")["Instansi"] == ["Dukcapil"]
    assert find(admin, everything.service.code)["Layanan"] == [everything.service.name]
    assert find(admin, "siti")["Orang"] == ["Siti"]
    assert find(admin, "KSB-BNK")["Naskah kerja sama"] == ["Kesepakatan bersama uji"]
    assert find(admin, "rapat uji")["Pertemuan"] == ["Rapat uji"]
    assert find(admin, "peresmian")["Tahapan mal"] == ["Peresmian"]
    finding = Finding.objects.get()
    assert find(admin, finding.what)["Temuan"] == [str(finding)]
    assert find(admin, "gangguan")["Menu"] == ["Gangguan"]
    for typed in (
        ticket.label,
        ticket.label.replace("-", "").lower(),
        f"{ticket.queue_day.prefix} {ticket.number}",
    ):
        assert find(admin, typed)["Nomor hari ini"] == [ticket.label]


def test_while_typing_only_the_list_is_sent(everything: Place, admin: Client) -> None:
    answer = admin.get("/admin/search/", {"s": "dukcapil"}, headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode()
    assert url(Agency, "change", everything.agency.pk) in answer.content.decode()


def test_a_long_list_of_results_ends_in_a_link_to_all(place: Place, admin: Client) -> None:
    for _number in range(7):
        make.make_agency(name="Kantor Serupa")
    [group] = admin.get("/admin/search/", {"s": "serupa"}).context["groups"]
    assert len(group.items) == 5
    assert group.more == "/admin/tenants/agency/?q=serupa"


def test_a_manager_finds_only_what_is_the_agencys(everything: Place, bank: Agency) -> None:
    client = manager(bank)
    assert "Layanan" not in find(client, "ktp")
    assert find(client, "dukcapil") == {}
    assert find(client, make.issue(everything.service).label) == {}
    assert find(client, "bank")["Instansi"] == ["Bank Uji"]


def test_each_table_is_asked_once(
    everything: Place, admin: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(19):
        admin.get("/admin/search/", {"s": "uji"}, headers={"HX-Request": "true"})


def keep(client: Client, **sent: Any) -> Any:
    values = {"table": "services.service", "name": "Belum terbit", "query": "?standar=belum&p=3"} | sent
    return client.post(reverse("admin:save_view"), values)


def test_a_filter_is_kept_under_a_name_and_stands_above_the_list(place: Place, admin: Client) -> None:
    answer = keep(admin)
    assert answer["Location"] == "/admin/services/service/?standar=belum"
    shown = admin.get(answer["Location"]).content.decode()
    assert 'href="?standar=belum" aria-current="true">Belum terbit</a>' in shown
    keep(admin, query="standar=terbit")
    assert SavedView.objects.get().query == "standar=terbit"


def test_a_shared_filter_is_seen_by_the_office_and_dropped_by_its_owner(
    place: Place, admin: Client, auditor: Client
) -> None:
    keep(admin, is_shared="on")
    view = SavedView.objects.get()
    listed = url(Service, "changelist")
    assert "Belum terbit" in auditor.get(listed).content.decode()
    assert "Belum terbit" not in manager(place.agency).get(listed).content.decode()
    assert auditor.post(reverse("admin:drop_view", args=[view.pk])).status_code == 404
    assert admin.post(reverse("admin:drop_view", args=[view.pk])).status_code == 302
    assert not SavedView.objects.exists()
    assert [entry.action for entry in AuditEntry.objects.filter(action__startswith="view.")] == [
        "view.drop",
        "view.share",
    ]


def test_only_the_admin_shares(place: Place, auditor: Client) -> None:
    keep(auditor, is_shared="on")
    assert SavedView.objects.get().is_shared is False


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"table": "tidak.ada"}, 404),
        ({"table": "x"}, 404),
        ({"table": "tenants.apitoken"}, 404),
        ({"query": "?p=2"}, 302),
        ({"query": "q=" + "x" * 600}, 302),
        ({"name": ""}, 302),
        ({"name": "<b>tebal</b>\x00"}, 302),
    ],
)
def test_a_filter_that_is_none_is_refused_in_words(
    place: Place, admin: Client, sent: dict[str, str], status: int
) -> None:
    assert keep(admin, **sent).status_code == status
    assert not SavedView.objects.exists()


def test_a_manager_keeps_no_filter_of_a_closed_list(place: Place) -> None:
    assert keep(manager(place.agency), table="core.auditentry").status_code == 403


def test_more_than_a_dozen_filters_of_one_list_are_refused(place: Place, admin: Client) -> None:
    for number in range(13):
        keep(admin, name=f"Saringan {number}")
    assert SavedView.objects.count() == 12
