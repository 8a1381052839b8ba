"""The five founding malls hold what their articles promise (catalogue.md A1–A5)."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.db.models import Count, Q
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from agreements.enums import SIGNED_STATES
from agreements.models import Instrument, InstrumentParty
from mpp.core import clock
from mpp.core.language import COOKIE
from mpp.core.models import Mall
from mpp.packs import loader
from queueing import availability
from queueing.enums import Channel
from queueing.models import Queue
from queueing.views import shared
from services.enums import FeeKind
from services.models import Facility, GuidePage, News, OpeningHours, Question, Service, ServiceStandard
from services.search import search
from tenants.enums import SERVING, AgencyKind
from tenants.models import Agency, AgencyName, Counter, CounterDuty
from tests import factories as make
from tests.packs.questions import QUESTIONS

# Named for those who run one test alone: the database is made for what is marked.
pytestmark = pytest.mark.django_db

PACKS = ["hst", "hss", "balangan", "kendari", "kutim"]


@pytest.fixture(scope="module", params=PACKS)
def pack(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[str]:
    """One pack in the database for all tests of this module, gone afterwards."""
    name: str = request.param
    around = transaction.atomic()
    # As Django's TestCase says: acts may begin their transactions in it.
    around._from_testcase = True  # type: ignore[attr-defined]
    with django_db_blocker.unblock(), around:
        loader.load(name)
        yield name
        transaction.set_rollback(True)


def test_the_packs_are_the_five_founding_malls() -> None:
    assert set(loader.packs()) == set(PACKS)


def test_every_pack_is_in_wita_and_says_that_it_is_a_sample(pack: str) -> None:
    mall = Mall.objects.get()
    assert mall.timezone == "Asia/Makassar"
    assert mall.is_sample
    assert mall.dpo_contact


def test_agencies_and_services_are_as_many_as_promised(pack: str) -> None:
    opd = Agency.objects.filter(kind=AgencyKind.OPD).count()
    external = Agency.objects.exclude(kind=AgencyKind.OPD).count()
    services = Service.objects.count()
    match pack:
        case "hst":
            assert (external, opd) == (11, 9)
        case "balangan":
            assert (external + opd, services) == (18, 116)
        case "kendari":
            assert (external, opd) == (19, 8)
        case "kutim":
            assert services == 132
        case "hss":
            kinds = set(Agency.objects.values_list("kind", flat=True))
            assert {AgencyKind.OPD, AgencyKind.VERTICAL, AgencyKind.PRIVATE} <= kinds
            assert {AgencyKind.BUMN, AgencyKind.BUMD} & kinds


def test_each_service_of_who_serves_has_one_standard_in_force(pack: str) -> None:
    offered = Service.objects.filter(agency__status__in=sorted(SERVING))
    in_force = ServiceStandard.objects.in_force(clock.today())
    assert not offered.exclude(pk__in=in_force.values("service")).exists()


def test_each_service_has_its_six_public_components_a_fee_a_time_and_a_depth(pack: str) -> None:
    assert not Service.objects.filter(standards__isnull=True).exists()
    for standard in ServiceStandard.objects.select_related("service"):
        public = [
            standard.requirements,
            standard.procedure,
            standard.time_text,
            standard.fee_basis,
            standard.product,
            standard.complaints,
        ]
        assert all(text.strip() for text in public), standard
        assert standard.time_minutes, standard
        assert standard.service.depth, standard
        assert standard.fee_kind == FeeKind.FREE or standard.fee_amount or standard.fee_text, standard
        assert standard.requirement_list, standard
        assert standard.step_list, standard


def test_each_service_stands_in_exactly_one_line_of_its_agency(pack: str) -> None:
    lines = Service.objects.annotate(lines=Count("queues"))
    assert not lines.exclude(lines=1).exists()
    assert Queue.objects.values("prefix").distinct().count() == Queue.objects.count()


def test_38_of_40_everyday_questions_find_their_service_in_the_first_three(pack: str) -> None:
    services = Service.objects.public(clock.today()).select_related("agency")
    found = {asked: [one.slug for one in search(asked, services)[:3]] for asked, _answers in QUESTIONS[pack]}
    missed = {asked: found[asked] for asked, answers in QUESTIONS[pack] if not {*answers} & {*found[asked]}}
    assert len(missed) <= len(QUESTIONS[pack]) * 2 // 40, missed


def test_the_mall_says_of_itself_what_people_ask(pack: str) -> None:
    assert {"maklumat", "cara-ke-sini", "aksesibilitas"} <= {
        *GuidePage.objects.values_list("slug", flat=True)
    }
    assert Facility.objects.filter(is_accessible=True).count() >= 8
    assert Question.objects.count() >= 10
    assert News.objects.exists()
    assert not Facility.objects.filter(is_sample=False).exists()


def test_what_the_mall_says_is_said_in_short_sentences(pack: str) -> None:
    texts = [
        *GuidePage.objects.values_list("body", flat=True),
        *Question.objects.values_list("answer", flat=True),
        *News.objects.values_list("text", flat=True),
    ]
    said = re.split(r"[.?:;](?:\s|$)|\n", "\n".join(texts))
    lengths = [len(sentence.split()) for sentence in said if sentence.strip()]
    assert sum(lengths) / len(lengths) <= 14
    assert max(lengths) <= 25
    assert "!" not in "".join(texts)


def test_whoever_pays_is_told_to_whom(pack: str) -> None:
    paid = ServiceStandard.objects.in_force(clock.today()).exclude(fee_kind=FeeKind.FREE)
    assert not paid.filter(pay_to="").exists()
    assert not ServiceStandard.objects.filter(fee_kind=FeeKind.FREE).exclude(pay_to="").exists()


def test_the_pages_of_finding_are_light_and_ask_the_database_little(pack: str, client: Client) -> None:
    some = Service.objects.public(clock.today()).order_by("code")
    booked = some.filter(queues__takes_bookings=True)[:1]
    addresses = [
        "/",
        "/layanan/",
        "/layanan/?cari=ktp",
        "/layanan/?cari=zzzqqq",
        "/mal/",
        "/mal/tanya-jawab/",
    ]
    addresses += [f"/layanan/{service.slug}/" for service in [*some[:1], *booked]]
    addresses += [f"/instansi/{agency.slug}/" for agency in Agency.objects.filter(status="OPERATING")[:2]]
    for address in addresses:
        # What changes rarely is in memory from the second time on; the page itself is drawn again.
        client.get(address)
        shared.forget()
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address)
        assert page.status_code == 200, address
        assert len(gzip.compress(page.content)) <= 14_000, address
        assert len(queries) <= 10, (address, [query["sql"][:120] for query in queries])


TUESDAY_10 = datetime(2026, 12, 1, 10, tzinfo=ZoneInfo("Asia/Makassar"))
# What a browser fetches for a page, apart from the page.
PARTS = re.compile(
    r'<(?:link rel="(?:stylesheet|icon)"|script|img|use)[^>]*?(?:href|src)="(/[^"#]+)', re.ASCII
)


def weight_of(client: Client, address: str) -> tuple[int, int, int]:
    """Bytes of the page as it travels, of all that it brings, and the number of requests."""
    page = client.get(address)
    assert page.status_code == 200, address
    html = len(gzip.compress(page.content))
    parts = set(PARTS.findall(page.content.decode()))
    assert any(part.endswith(".css") for part in parts), parts
    rest = 0
    for part in parts:
        answer = client.get(part)
        assert answer.status_code == 200, part
        rest += len(gzip.compress(answer.getvalue()))
    return html, html + rest, 1 + len(parts)


def test_the_longest_service_is_light_to_take_and_to_follow(pack: str, client: Client) -> None:
    # One pack serves all tests of this module: the number is taken back.
    before = transaction.savepoint()
    with clock.frozen(TUESDAY_10):
        in_force = ServiceStandard.objects.in_force(clock.today()).select_related("service")
        longest = sorted(in_force, key=lambda standard: -len(standard.requirements))
        services = list(Service.objects.public(clock.today()).select_related("agency"))
        answers = availability.of_services(services, channel=Channel.ONLINE)
        open_now = {key for key, answer in answers.items() if answer.can_take}
        service = next(one.service for one in longest if one.service_id in open_now)
        ticket = make.issue(service, phone="+6281234567890")
        for address in (f"/antrean/ambil/{service.slug}/", f"/t/{ticket.token}/"):
            for language in ("id", "en"):
                client.cookies[COOKIE] = language
                html, everything, requests = weight_of(client, address)
                assert html <= 14_000
                assert everything <= 50_000
                assert requests <= 6
    transaction.savepoint_rollback(before)


def test_whoever_serves_has_a_counter_and_a_way_to_it(pack: str) -> None:
    assert not Agency.objects.filter(duties__isnull=True, status__in=sorted(SERVING)).exists()
    assert not Counter.objects.filter(Q(zone__directions="") | Q(zone__floor="")).exists()


def test_some_counters_are_shared_by_weekday(pack: str) -> None:
    shared = (
        CounterDuty.objects.filter(weekday__isnull=False)
        .values("counter")
        .annotate(n=Count("agency", distinct=True))
    )
    assert shared.filter(n__gt=1).exists()


def test_friday_is_not_like_thursday(pack: str) -> None:
    week = OpeningHours.objects.filter(agency__isnull=True, service__isnull=True, season="")
    thursday, friday = week.filter(weekday=4).first(), week.filter(weekday=5).first()
    assert thursday is not None
    assert friday is not None
    hours = [(row.closes_at, row.break_from, row.break_to) for row in (thursday, friday)]
    assert hours[0] != hours[1]


def test_names_change_over_time_and_every_party_has_its_own_number(pack: str) -> None:
    assert AgencyName.objects.values("agency").distinct().count() >= 2
    assert not InstrumentParty.objects.filter(instrument__state__in=sorted(SIGNED_STATES), number="").exists()
    assert not Instrument.objects.annotate(n=Count("parties")).filter(n__lt=2).exists()


def test_whoever_serves_has_an_agreement_in_force(pack: str) -> None:
    today = clock.today()
    serving = Agency.objects.filter(status__in=sorted(SERVING)).exclude(kind=AgencyKind.OPD)
    assert serving.exists()
    assert not serving.exclude(agreement_from__lte=today, agreement_to__gte=today).exists()


def test_what_is_not_known_to_be_real_is_marked_as_a_sample(pack: str) -> None:
    assert not Agency.objects.filter(is_sample=False, source="").exists()
    assert Service.objects.filter(is_sample=True).exists()
