"""A mall with one row of everything, and people of three roles at its door."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from agreements.actions import keep_file
from agreements.enums import InstrumentKind, InstrumentState
from agreements.models import (
    AbsenceReport,
    AgreementRules,
    AttendanceRules,
    Decision,
    EvaluationFigure,
    EvaluationPeriod,
    EvaluationSheet,
    Instrument,
    InstrumentParty,
    KindRule,
    Leave,
    Letter,
    Meeting,
    Milestone,
    Promise,
    PromisedDay,
    ReadinessCheck,
    ReadinessCriterion,
    Report,
    SigningEvent,
    Trial,
    WorkItem,
)
from mpp.core import audit, clock, tokens
from mpp.core.models import ImportRun
from mpp.notifications.models import ChannelRule, Message, Stop, Way, Wording
from queueing import actions
from queueing.enums import Channel
from queueing.models import (
    Booking,
    CounterLine,
    CounterSession,
    NumberBlock,
    QueueDay,
    QueueWave,
    Screen,
    Slot,
    VoiceClip,
    ZoneVoice,
)
from services.actions import receive
from services.enums import CalendarKind
from services.models import CalendarDay, Disruption, Facility, GuidePage, News, Question, Synonym
from tenants.enums import AgencyKind, AgencyStatus, DeviceKind, OwnerLevel, Role
from tenants.models import Agency, AgencyName, Device, SignInAttempt
from tests import factories as make
from tests.conftest import Place, make_place, put_back_place
from tests.support.papers import make_pdf


def make_instrument(agency: Agency, **fields: Any) -> Instrument:
    """An agreement in force for ten years, with its two parties."""
    values: dict[str, Any] = {
        "code": f"KSB-{agency.code}",
        "agency": agency,
        "kind": InstrumentKind.KESEPAKATAN_BERSAMA,
        "title": "Kesepakatan bersama uji",
        "scope": "Layanan di mal.",
        "state": InstrumentState.IN_FORCE,
        "signed_on": date(2025, 1, 2),
        "place": "Uji",
        "effective_from": date(2025, 1, 2),
        "effective_to": clock.today() + timedelta(days=3650),
    } | fields
    instrument = Instrument.objects.create(**values)
    for position, party in enumerate(("Pemerintah Kabupaten Uji", agency.name), start=1):
        InstrumentParty.objects.create(
            instrument=instrument,
            position=position,
            party=party,
            number=f"{position}/UJI",
            signatory=f"Penanda Tangan {position}",
            office="Kepala",
        )
    return instrument


def url(model: type[models.Model], page: str, *args: object) -> str:
    """The address of one page of the admin."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def send(client: Client, model: type[models.Model], content: bytes | str) -> Any:
    """Upload a CSV file for its preview."""
    data = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile("berkas.csv", data, content_type="text/csv")
    return client.post(url(model, "import"), {"format": "0", "resource": "0", "import_file": file})


@dataclass
class World:
    """The mall with one row in every table, and the agency in it that has no agreement."""

    place: Place
    bank: Agency


@pytest.fixture(scope="module")
def world(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[World | None]:
    """One world for all tests of a module that says SHARES_ITS_WORLD: made once, gone afterwards.

    What each of them changes is taken back at its end, as always.
    """
    if not getattr(request.module, "SHARES_ITS_WORLD", False):
        yield None
        return
    around = transaction.atomic()
    # As Django's TestCase says: acts may begin their transactions in it.
    around._from_testcase = True  # type: ignore[attr-defined]
    with django_db_blocker.unblock(), timezone.override("Asia/Makassar"), around:
        place = make_place()
        world = World(place, make_bank())
        fill(world)
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def place(world: World | None, db: None) -> Place:
    return world.place if world else put_back_place()


@pytest.fixture
def bank(world: World | None, place: Place) -> Agency:
    """An agency that needs an agreement and has none yet."""
    return world.bank if world else make_bank()


@pytest.fixture
def everything(world: World | None, place: Place, bank: Agency) -> Place:
    """One row in every table that the admin shows."""
    if not world:
        fill(World(place, bank))
    return place


def make_bank() -> Agency:
    return make.make_agency(
        code="BNK",
        slug="bank",
        name="Bank Uji",
        short_name="Bank Uji",
        kind=AgencyKind.BUMD,
        owner_level=OwnerLevel.PROVINCE,
        status=AgencyStatus.PREPARING,
    )


def fill(world: World) -> None:
    """Give every table that the admin shows its row."""
    place, bank = world.place, world.bank
    agreement_rows(make_instrument(bank))
    make.make_finding(bank)
    evaluation_rows(bank)
    AgencyName.objects.create(
        agency=place.agency, name="Nama lama", short_name="Lama", valid_from=date(2000, 1, 1)
    )
    CalendarDay.objects.create(
        date=date(2026, 8, 17), kind=CalendarKind.NATIONAL_HOLIDAY, name="Hari Kemerdekaan"
    )
    make.open_session(place.agency, place.counter, place.officer)
    make.limit(place.queue, 100, online_percent=50)
    ticket = make.issue(place.service)
    now = clock.now()
    queueing_rows(place, ticket.line)
    Screen.objects.create(code="lobi", name="Lobi")
    make.make_medium()
    SignInAttempt.objects.create(username="petugas", at=now, succeeded=True)
    Disruption.objects.create(message="Listrik padam", started_at=now, ended_at=now)
    Message.objects.create(
        dedupe_key="uji",
        event="ticket.called",
        channel="console",
        recipient="+6281200000000",
        body="Giliran Anda.",
        created_at=now,
        due_at=now,
        not_after=now,
    )
    _message_rows()
    _paper_rows(bank)
    audit.record("uji", target="uji")
    ImportRun.objects.create(
        at=now, actor=place.officer, file_name="uji.xlsx", tables="Instansi", new=1, changed=0
    )
    Device.objects.create(name="Anjungan uji", kind=DeviceKind.KIOSK)
    guide_rows()
    receive(service=place.service, origin="uji:1", number="A-001", by=place.officer)
    road_rows(place)


def _paper_rows(agency: Agency) -> None:
    """What was agreed beside the instruments, and what is reported of it."""
    today = clock.today()
    WorkItem.objects.create(
        agency=agency, title="Menempatkan petugas", target=2, unit="orang", owner="Kepala", due_on=today
    )
    Milestone.objects.create(code="BUKA", stage="INAUGURATION", title="Peresmian", planned_on=today)
    Letter.objects.create(
        direction="IN", number="1/UJI", date=today, counterpart="Provinsi", subject="Uji", agency=agency
    )
    meeting = Meeting.objects.create(title="Rapat uji", date=today, place="Aula")
    meeting.agencies.add(agency)
    Decision.objects.create(meeting=meeting, text="Menyiapkan loket")
    Report.objects.create(
        kind="REGISTER",
        agency=agency,
        starts_on=today,
        ends_on=today,
        asked_by=make.make_user(Role.ADMIN),
        asked_at=clock.now(),
    )


def _message_rows() -> None:
    """What a migration wrote, unless an emptied table has lost it, and what people have agreed to."""
    ChannelRule.objects.get_or_create(channel="sms")
    Wording.objects.get_or_create(event="ticket_called", language="id")
    Way.objects.create(
        holder="ticket:1",
        channel="sms",
        recipient="+6281200000000",
        words="Ya.",
        consented_at=clock.now(),
    )
    Stop.objects.create(recipient="+6281200000000", channel="sms", at=clock.now())


def agreement_rows(instrument: Instrument) -> None:
    """A promise of one day, the occasion at which it was signed, and the rules; some a migration wrote."""
    promise = Promise.objects.create(
        agency=instrument.agency, instrument=instrument, version=1, valid_from=date(2026, 1, 1)
    )
    PromisedDay.objects.create(promise=promise, weekday=2, opens_at=time(9), closes_at=time(14))
    SigningEvent.objects.create(
        code="ACARA", name="Penandatanganan uji", held_on=date(2025, 1, 2), place="Aula uji"
    )
    paper = SimpleUploadedFile("naskah.pdf", make_pdf(), content_type="application/pdf")
    keep_file(instrument=instrument, file=paper, note="naskah uji")
    AgreementRules.objects.get_or_create(pk=1)
    KindRule.objects.get_or_create(
        agency_kind=AgencyKind.BUMD, kind=InstrumentKind.PKS, defaults={"role": "OPERATING", "source": "uji"}
    )


def evaluation_rows(agency: Agency) -> None:
    """A month that was counted, and a day on which somebody was missing."""
    AttendanceRules.objects.get_or_create(pk=1)
    first, last, now = date(2026, 1, 1), date(2026, 1, 31), clock.now()
    period = EvaluationPeriod.objects.create(
        name="Januari uji", starts_on=first, ends_on=last, computed_at=now
    )
    sheet = EvaluationSheet.objects.create(period=period, agency=agency, computed_at=now)
    EvaluationFigure.objects.create(sheet=sheet, code="SERVED", value=3, compared=5, cases=5)
    AbsenceReport.objects.create(agency=agency, date=first, promised=2, came=1, messages=1, at=now)
    person = make.make_user(agency=agency)
    Leave.objects.create(
        agency=agency,
        user=person,
        kind="SICK",
        starts_on=first,
        ends_on=last,
        recorded_at=now,
        recorded_by=person,
    )


def guide_rows() -> None:
    """What the mall says of itself."""
    GuidePage.objects.create(slug="maklumat", title="Maklumat", body="Kami berjanji.")
    Facility.objects.create(code="RODA", name="Kursi roda", place="Meja informasi")
    Question.objects.create(code="TANYA", question="Bisa?", answer="Bisa.")
    News.objects.create(code="BARU", title="Kabar", text="Isi.", shown_from=date(2026, 1, 1))
    Synonym.objects.create(word="banyu", means="air")


def road_rows(place: Place) -> None:
    """What an agency has claimed, and a trial that is over."""
    now = clock.now()
    criterion, _new = ReadinessCriterion.objects.get_or_create(
        code="SDM-1", defaults={"heading": "SDM", "text": "Surat tugas", "proof": "Nomornya"}
    )
    claimed = {"evidence": "Surat 1/2026", "claimed_by": place.officer, "claimed_at": now}
    ReadinessCheck.objects.create(agency=place.agency, criterion=criterion, **claimed)
    Trial.objects.create(
        agency=place.agency, starts_on=now, ends_on=now + timedelta(days=30), started_at=now, ended_at=now
    )


def queueing_rows(place: Place, day: QueueDay) -> None:
    """Rules of a line, and what hangs on its day."""
    actions.start_visit()
    QueueWave.objects.create(queue=place.queue, at=time(0), percent=100)
    CounterLine.objects.create(counter=place.counter, queue=place.queue)
    ZoneVoice.objects.create(zone=place.zone)
    VoiceClip.objects.create(clip="counter", file="voice/uji.wav", format="wav", seconds=1, version="uji")
    block = QueueDay.objects.create(queue=place.queue, date=day.date, block="M", prefix="AM")
    now = clock.now()
    NumberBlock.objects.create(day=block, holder="Meja depan", size=20, leased_at=now)
    slot = Slot.objects.create(queue=place.queue, starts_at=now, minutes=30, capacity=4, taken=1)
    Booking.objects.create(
        slot=slot,
        service=place.service,
        code="KODE1234",
        channel=Channel.ONLINE,
        token_digest=tokens.digest("pesanan"),
        booked_at=now,
    )
    _floor_rows(place, day)


def _floor_rows(place: Place, day: QueueDay) -> None:
    """What a manager and an officer do on the floor."""
    manager = make.make_user(Role.FLOOR_MANAGER)
    [session] = CounterSession.objects.open()
    actions.call_help(session=session, kind="ASK", by=place.officer)
    actions.announce(text="Mobil di pintu", ends_at=clock.now() + timedelta(minutes=5), by=manager)
    actions.add_quota(queue=place.queue, places=5, reason="Ramai", by=manager)
    actions.move_counter(counter=place.counter, queue=place.queue, reason="Ramai", by=manager)
    make.make_user(agency=place.agency)
    actions.ask_officers(counter=make.make_counter(place.agency), by=manager)


@pytest.fixture
def admin(client: Client, place: Place) -> Client:
    """Signed in as the DPMPTSP admin."""
    client.force_login(make.make_user(Role.ADMIN, username="admin"))
    return client


@pytest.fixture
def auditor(place: Place) -> Client:
    client = Client()
    client.force_login(make.make_user(Role.AUDITOR, username="auditor", is_staff=True))
    return client


@pytest.fixture
def officer(place: Place) -> Client:
    client = Client()
    client.force_login(place.officer)
    return client
