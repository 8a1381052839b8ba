"""A manager's admin is cut to the own agency, everywhere; a new table is closed until it says how."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.contrib.admin import SimpleListFilter
from django.db import models
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse

from agreements.models import Instrument, Meeting
from mpp.core import clock
from mpp.core.admin import HistoryAdmin, PortalAdmin
from mpp.core.scope import within
from services.enums import CalendarKind, StandardStatus
from services.models import CalendarDay, Disruption, OpeningHours, Service, ServiceStandard, Submission
from tenants.enums import Role
from tenants.models import Agency, Counter, Placement, User
from tests import factories as make
from tests.admin.conftest import url
from tests.admin.test_pages import MODELS, TABLES, WITH_HISTORY
from tests.agreements.test_workplan import make_item
from tests.conftest import Place

pytestmark = pytest.mark.django_db
SHARES_ITS_WORLD = True

# Tables of the mall as a whole: no agency's manager sees them. Every other one declares `agency_lookup`.
OF_THE_MALL = {
    "agreements.AgreementRules",
    "agreements.AttendanceRules",
    "agreements.EvaluationPeriod",
    "agreements.KindRule",
    "agreements.Milestone",
    "agreements.ReadinessCriterion",
    "agreements.SigningEvent",
    "core.AuditEntry",
    "core.Mall",
    "notifications.ChannelRule",
    "notifications.Message",
    "notifications.Stop",
    "notifications.Way",
    "notifications.Wording",
    "queueing.AlertRule",
    "queueing.Announcement",
    "queueing.HallRules",
    "queueing.Medium",
    "queueing.PriorityClass",
    "queueing.Screen",
    "queueing.Visit",
    "queueing.VoiceClip",
    "queueing.ZoneVoice",
    "services.Facility",
    "services.GuidePage",
    "services.News",
    "services.Question",
    "services.Synonym",
    "tenants.Device",
    "tenants.SignInAttempt",
    "tenants.Zone",
}
# Rows that are theirs who made them (`person_lookup`).
OF_PEOPLE = {"core.ImportRun"}
# So nobody mistakes them for words of the portal.
SERVICE, INSTRUMENT = "Paspor pengganti Zirkonia", "Nota Zirkonia"


def table(model: type[models.Model]) -> PortalAdmin:
    found = django_admin.site.get_model_admin(model)
    assert isinstance(found, PortalAdmin), f"{model} is not a PortalAdmin: it would not be cut"
    return found


OPEN = [model for model in MODELS if table(model).agency_lookup]
PERSONAL = [model for model in MODELS if table(model).person_lookup]


@pytest.fixture
def mall(everything: Place, bank: Agency) -> Place:
    """Rows of two agencies in every table, with names that stand nowhere else."""
    Service.objects.filter(pk=everything.service.pk).update(name=SERVICE)
    Instrument.objects.update(title=INSTRUMENT)
    CalendarDay.objects.create(
        date=date(2026, 5, 4), kind=CalendarKind.CLOSURE, name="Rapat", agency=everything.agency
    )
    OpeningHours.objects.create(
        agency=everything.agency, weekday=1, valid_from=date(2026, 1, 1), opens_at=time(8), closes_at=time(15)
    )
    Disruption.objects.create(agency=everything.agency, message="Jaringan", started_at=clock.now())
    return everything


def manager_of(agency: Agency) -> Client:
    client = Client()
    client.force_login(make.make_user(Role.AGENCY_MANAGER, agency))
    return client


@pytest.fixture
def stranger(mall: Place) -> Client:
    """The manager of a third agency, which has one of everything that it can have."""
    agency = make.make_agency(short_name="Ketiga", name="Dinas Ketiga")
    make.make_queue(make.make_service(agency))
    make.make_counter(agency)
    make.make_user(agency=agency)
    return manager_of(agency)


def foreign_words() -> set[str]:
    """Names of agencies, services and papers that the stranger must never read."""
    agencies = Agency.objects.exclude(short_name="Ketiga").values_list("name", "short_name")
    return {SERVICE, INSTRUMENT, "Siti", *(word for names in agencies for word in names)}


def leaked(response: Any) -> set[str]:
    content = b"".join(response) if response.streaming else response.content
    # Some answers are files, whose other bytes are no text.
    text = content.decode(errors="replace")
    return {word for word in foreign_words() if word in text}


def foreign_rows(model: type[models.Model]) -> Iterator[models.Model]:
    own = Agency.objects.get(short_name="Ketiga")
    lookup = table(model).agency_lookup
    mine = within(model._default_manager.all(), lookup, [own.pk]).values_list("pk", flat=True)
    yield from model._default_manager.exclude(pk__in=list(mine))[:2]


def test_every_table_says_whose_its_rows_are() -> None:
    closed = {model._meta.label for model in set(MODELS) - set(OPEN) - set(PERSONAL)}
    assert {model._meta.label for model in PERSONAL} == OF_PEOPLE
    assert closed == OF_THE_MALL, "declare agency_lookup (docs/architecture.md), or add it to OF_THE_MALL"


def test_a_manager_finds_the_rows_of_the_own_agency_and_only_those(
    mall: Place, bank: Agency, rf: RequestFactory
) -> None:
    seen: set[type[models.Model]] = set()
    for agency in (mall.agency, bank):
        request = rf.get("/admin/")
        request.user = make.make_user(Role.AGENCY_MANAGER, agency)
        client = Client()
        client.force_login(request.user)
        for model in OPEN:
            found = table(model).get_queryset(request)
            rows = within(model._default_manager.all(), table(model).agency_lookup, [agency.pk])
            assert set(found) == set(rows), model
            if model not in seen and (row := rows.first()):
                seen.add(model)
                assert client.get(url(model, "change", row.pk)).status_code == 200, model
    assert set(OPEN) - seen == set()


def test_tables_of_the_mall_are_closed(stranger: Client) -> None:
    for model in set(MODELS) - set(OPEN) - set(PERSONAL):
        assert stranger.get(url(model, "changelist")).status_code == 403, model
        assert stranger.post(url(model, "add"), {}).status_code == 403, model
        for row in model._default_manager.all()[:1]:
            assert stranger.post(url(model, "change", row.pk), {}).status_code in {403, 404}, model


def test_a_row_of_another_agency_is_not_found(stranger: Client) -> None:
    for model in OPEN + PERSONAL:
        for row in foreign_rows(model):
            for page in pages_of(model, [row.pk]):
                assert stranger.get(page).status_code in {403, 404}, page
            assert stranger.get(url(model, "change", row.pk)).status_code == 404, model
            assert stranger.post(url(model, "change", row.pk), {}).status_code in {403, 404}, model
            assert stranger.post(url(model, "delete", row.pk), {"post": "yes"}).status_code in {403, 404}


def test_an_old_version_of_a_foreign_or_deleted_row_is_not_found(stranger: Client, mall: Place) -> None:
    for model in WITH_HISTORY:
        for row in foreign_rows(model) if isinstance(table(model), HistoryAdmin) else ():
            version = row.history.first()  # type: ignore[attr-defined]
            if version is not None:
                page = url(model, "simple_history", row.pk, version.pk)
                assert stranger.get(page).status_code in {403, 404}, model
    standard = ServiceStandard.objects.get(service=mall.service)
    key = standard.pk
    standard.delete()
    assert stranger.get(url(ServiceStandard, "history", key)).status_code == 404


def test_an_old_version_of_an_own_row_is_shown(mall: Place, auditor: Client) -> None:
    shown = 0
    client = manager_of(mall.agency)
    for model in WITH_HISTORY:
        lookup = table(model).agency_lookup
        mine = within(model._default_manager.all(), lookup, [mall.agency.pk])
        for row in mine[:1] if isinstance(table(model), HistoryAdmin) else ():
            if version := row.history.first():
                page = url(model, "simple_history", row.pk, version.pk)
                shown += 1
                assert client.get(page).status_code == 200, page
                assert auditor.get(page).status_code == 200, page
    assert shown > 5


def test_action_pages_do_not_reach_beyond_either(stranger: Client) -> None:
    for model in MODELS:
        model_admin = table(model)
        for action in model_admin._get_base_actions_detail() + model_admin._get_base_actions_row():
            for row in foreign_rows(model):
                page = reverse(f"admin:{action.action_name}", args=[row.pk])
                assert stranger.get(page).status_code in {403, 404}, page
                assert stranger.post(page, {}).status_code in {403, 404}, page
        for action in model_admin._get_base_actions_list():
            if action.method.__name__ not in model_admin.agency_actions:
                page = reverse(f"admin:{action.action_name}")
                assert stranger.get(page).status_code == 403, page


def test_no_page_of_the_admin_names_another_agency(stranger: Client) -> None:
    agency = Agency.objects.get(short_name="Ketiga")
    for path in pages(agency):
        answer = stranger.get(path)
        assert answer.status_code in {200, 301, 302, 403, 404, 405}, path
        assert leaked(answer) == set(), path


def pages(agency: Agency) -> Iterator[str]:
    """Every address of the admin: without a key as it is, with one for a row of the own agency."""
    yield from ("/admin/", "/admin/search/?s=zirkonia", "/admin/search/?s=siti")
    for model in PERSONAL:
        yield from pages_of(model, [])
    for model in OPEN:
        row = within(model._default_manager.all(), table(model).agency_lookup, [agency.pk]).first()
        yield from pages_of(model, [])
        yield from pages_of(model, [row.pk] if row else [])
        yield url(model, "changelist") + "?q=zirkonia"


def pages_of(model: type[models.Model], arguments: list[Any]) -> Iterator[str]:
    """Every page of a table whose address takes these arguments, but for deleting."""
    for pattern in table(model).get_urls():
        if pattern.name and not pattern.name.endswith("_delete"):
            with contextlib.suppress(NoReverseMatch):
                yield reverse(f"admin:{pattern.name}", args=arguments)


def test_pickers_offer_only_what_is_reached(stranger: Client) -> None:
    for model in MODELS:
        for field in (*model._meta.fields, *model._meta.many_to_many):
            if field.is_relation:
                names = {
                    "app_label": model._meta.app_label,
                    "model_name": str(model._meta.model_name),
                    "field_name": field.name,
                }
                answer = stranger.get("/admin/autocomplete/", names)
                assert answer.status_code in {200, 403, 404}, names
                assert leaked(answer) == set(), names


def test_an_export_holds_only_what_is_reached(stranger: Client) -> None:
    for model in TABLES:
        answer = stranger.post(url(model, "export"), {"format": "0", "resource": "0"})
        assert answer.status_code == (200 if model in OPEN else 403), model
        assert leaked(answer) == set(), model


def test_a_query_string_cannot_ask_beyond_the_filters(stranger: Client) -> None:
    for model, lookup in [
        (Service, "agency__name__startswith"),
        (Service, "agency__placements__user__username"),
        (Service, "source__startswith"),
        (Counter, "duties__agency__short_name"),
        (User, "placements__agency__name"),
        (User, "password__startswith"),
        (Placement, "user__email__startswith"),
        (Placement, "agency__code"),
    ]:
        assert stranger.get(url(model, "changelist"), {lookup: "a"}).status_code == 400, lookup


def test_a_filter_that_a_list_makes_itself_is_open_to_managers(stranger: Client) -> None:
    tried = 0
    for model in OPEN:
        for each in table(model).list_filter:
            if isinstance(each, type) and issubclass(each, SimpleListFilter):
                tried += 1
                page = stranger.get(url(model, "changelist"), {str(each.parameter_name): "x"})
                assert page.status_code == 200, (model, each.parameter_name)
    assert tried > 2


def test_what_the_first_page_leads_a_manager_to_is_there(mall: Place) -> None:
    make_item(mall.agency, due_on=clock.today() - timedelta(days=3))
    Submission.objects.update(promised_on=clock.today() - timedelta(days=3))
    client = manager_of(mall.agency)
    lines = client.get("/admin/").context["lines"]
    assert {"rencana" in line.text or "berkas" in line.text for line in lines} >= {True}
    for line in lines:
        assert client.get(line.link).status_code == 200, line.link


def test_a_step_that_is_the_malls_is_not_offered_to_a_manager(
    mall: Place, bank: Agency, admin: Client
) -> None:
    page, step = url(Meeting, "change", Meeting.objects.get().pk), "Jadikan butir kerja"
    assert step in admin.get(page).content.decode()
    shown = manager_of(bank).get(page)
    assert shown.status_code == 200
    assert step not in shown.content.decode()


def test_a_filter_by_another_agency_shows_no_row_of_it(stranger: Client, mall: Place) -> None:
    page = stranger.get(url(Service, "changelist"), {"agency__id__exact": mall.agency.pk})
    assert page.status_code == 200
    assert {service.agency.short_name for service in page.context["cl"].queryset} == {"Ketiga"}


def draft(service: Service, **fields: Any) -> dict[str, Any]:
    return {"service": service.pk, "version": 2, "valid_from": "2026-01-01", "fee_kind": "FREE"} | fields


def test_a_manager_writes_drafts_of_standards_and_never_publishes(mall: Place) -> None:
    client = manager_of(mall.agency)
    sent = draft(mall.service, requirements="KK", status=StandardStatus.PUBLISHED)
    assert client.post(url(ServiceStandard, "add"), sent).status_code == 302
    made = ServiceStandard.objects.get(service=mall.service, version=2)
    assert (made.status, made.requirements) == (StandardStatus.DRAFT, "KK")
    sent |= {"requirements": "KK | asli", "valid_to": "2027-01-01"}
    assert client.post(url(ServiceStandard, "change", made.pk), sent).status_code == 302
    made.refresh_from_db()
    assert (made.status, made.requirements, made.valid_to) == (StandardStatus.DRAFT, "KK | asli", None)
    published = ServiceStandard.objects.get(service=mall.service, version=1)
    assert client.post(url(ServiceStandard, "change", published.pk), sent).status_code == 403


def test_a_manager_cannot_write_for_a_foreign_service(stranger: Client, mall: Place) -> None:
    page = stranger.post(url(ServiceStandard, "add"), draft(mall.service))
    assert page.status_code == 200
    assert page.context["adminform"].errors["service"]
    assert not ServiceStandard.objects.filter(version=2).exists()


def test_a_manager_changes_nothing_that_is_the_malls(mall: Place) -> None:
    client = manager_of(mall.agency)
    before = Agency.objects.get(pk=mall.agency.pk)
    sent = {
        "summary": "Baru",
        "code": "X",
        "name": "X",
        "status": "ENDED",
        "is_bank": "on",
        "names-TOTAL_FORMS": 0,
        "names-INITIAL_FORMS": 0,
    }
    assert client.post(url(Agency, "change", before.pk), sent).status_code == 302
    after = Agency.objects.get(pk=before.pk)
    assert after.summary == "Baru"
    assert (after.code, after.name, after.status, after.is_bank) == (
        before.code,
        before.name,
        before.status,
        before.is_bank,
    )
    assert client.post(url(User, "change", mall.officer.pk), {"role": "ADMIN"}).status_code == 403
    assert client.post(f"/admin/tenants/agency/{before.pk}/keadaan/", {"status": "ENDED"}).status_code == 403
    assert client.post(url(Service, "add"), {}).status_code == 403
    [line] = mall.agency.queues.all()
    assert client.post(url(type(line), "change", line.pk), {"daily_quota": 1}).status_code == 403


def test_a_manager_without_a_placement_today_sees_nothing(mall: Place) -> None:
    client = Client()
    client.force_login(make.make_user(Role.AGENCY_MANAGER))
    for model in OPEN:
        page = client.get(url(model, "changelist"))
        assert page.status_code == 200, model
        assert "cl" not in page.context or list(page.context["cl"].queryset) == [], model
