"""A small mall for tests: plain functions, every argument optional."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from importlib import import_module
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from agreements.enums import FindingKind, FindingSource
from agreements.models import Finding
from mpp.core import clock, pictures, tokens
from mpp.core.mall import PictureKind, change_picture
from mpp.core.models import Mall
from queueing import actions
from queueing.enums import Channel, Half, TicketState
from queueing.models import (
    AlertRule,
    CounterSession,
    HallRules,
    Medium,
    PriorityClass,
    Queue,
    QueueDay,
    QueueService,
    Screen,
    ScreenSource,
    Ticket,
)
from queueing.policy import media
from services.enums import StandardStatus
from services.models import OpeningHours, Service, ServiceStandard
from tenants.actions import make_code
from tenants.actions import pair as pair_device
from tenants.devices import COOKIE
from tenants.enums import AgencyKind, AgencyStatus, DeviceKind, OwnerLevel, Role
from tenants.models import Agency, Counter, CounterDuty, Device, Placement, User, Zone

LONG_AGO = date(2020, 1, 1)
MEDIA = Path(__file__).parent / "support" / "media"
PASSWORD = "kata-sandi-uji-coba"
# In codes always of five digits: what was made first sorts first.
_serial = itertools.count(1)
_prefixes = itertools.cycle([a + b for a in "ABCDEFGHJK" for b in "ABCDEFGHJKLMNQRSTUVWXYZ"])


def make_mall(**fields: Any) -> Mall:
    values: dict[str, Any] = {
        "name": "MPP Uji",
        "short_name": "MPP Uji",
        "region": "Kabupaten Uji",
        "address": "Jl. Uji 1",
        "manager_name": "DPMPTSP Kabupaten Uji",
        "timezone": "Asia/Makassar",
        "motif": "sasirangan",
    } | fields
    # Two questions instead of the six of update_or_create.
    if Mall.objects.filter(pk=1).update(**values):
        return Mall.objects.get(pk=1)
    return Mall.objects.create(pk=1, **values)


def make_rules() -> None:
    """Bring back what a migration wrote: the emptying of tables after a storm or a browser takes it away.

    Screens do not lock by themselves: tests let hours pass.
    """
    HallRules.objects.bulk_create(
        [HallRules(pk=1, lock_minutes=0)],
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=["lock_minutes"],
    )
    written = import_module("queueing.migrations.0003_what_stands_today").CLASSES
    classes = [
        PriorityClass(code=code, name=name, source=source, staff_only=staff_only, position=position)
        for position, (code, name, source, staff_only) in enumerate(written)
    ]
    PriorityClass.objects.bulk_create(classes, ignore_conflicts=True)
    limits = import_module("queueing.migrations.0007_the_floor").ALERT_RULES
    AlertRule.objects.bulk_create(
        [AlertRule(kind=kind, limit=limit, position=position) for kind, limit, position in limits],
        ignore_conflicts=True,
    )


def make_always_open() -> None:
    """Give the mall a week that never closes, so that tests run at any hour."""
    week = OpeningHours.objects.filter(agency=None, service=None, season="")
    found = set(week.order_by().values_list("weekday", "valid_from"))
    there = {weekday for weekday, since in found if since == LONG_AGO}
    if len(there) < len(found):
        week.exclude(valid_from=LONG_AGO).delete()
    OpeningHours.objects.bulk_create(
        OpeningHours(weekday=weekday, valid_from=LONG_AGO, opens_at=time(0), closes_at=time(0))
        for weekday in range(1, 8)
        if weekday not in there
    )


def make_zone(**fields: Any) -> Zone:
    number = next(_serial)
    return Zone.objects.create(
        **{"code": f"zona-{number:05}", "name": f"Zona {number}", "floor": "Lantai 1", "directions": "kanan"}
        | fields
    )


def make_agency(**fields: Any) -> Agency:
    number = next(_serial)
    values: dict[str, Any] = {
        "code": f"AG{number:05}",
        "slug": f"instansi-{number}",
        "name": f"Dinas Uji {number}",
        "short_name": f"Uji {number}",
        "kind": AgencyKind.OPD,
        "owner_level": OwnerLevel.REGENCY,
        "status": AgencyStatus.OPERATING,
    } | fields
    return Agency.objects.create(**values)


def make_service(agency: Agency | None = None, **fields: Any) -> Service:
    """A published service with a complete standard."""
    number = next(_serial)
    service = Service.objects.create(
        **{
            "code": f"SV-{number:05}",
            "agency": agency or make_agency(),
            "slug": f"layanan-{number}",
            "name": f"Layanan uji {number}",
            "summary": "Anda pulang membawa hasilnya.",
            "minutes": 10,
        }
        | fields
    )
    make_standard(service)
    return service


def make_standard(service: Service, **fields: Any) -> ServiceStandard:
    values: dict[str, Any] = {
        "version": 1,
        "status": StandardStatus.PUBLISHED,
        "valid_from": LONG_AGO,
        "requirements": "Kartu Keluarga | Asli\nKTP lama",
        "procedure": "Ambil nomor.\nDatang ke loket.",
        "time_text": "Selesai hari ini",
        "time_minutes": 15,
        "fee_basis": "UU 24/2013",
        "product": "KTP elektronik",
        "complaints": "Sampaikan ke petugas.",
    } | fields
    return ServiceStandard.objects.create(service=service, **values)


def make_queue(service: Service, **fields: Any) -> Queue:
    """A line for `service`."""
    number = next(_serial)
    values: dict[str, Any] = {
        "code": f"Q{number:05}",
        "agency": service.agency,
        "prefix": next(_prefixes),
        "name": "Antrean uji",
    } | fields
    queue = Queue.objects.create(**values)
    QueueService.objects.create(queue=queue, service=service)
    return queue


def limit(queue: Queue, quota: int, **rules: Any) -> None:
    """Give the line a quota, all of it online unless `rules` (online_percent=…) say otherwise."""
    values: dict[str, Any] = {"daily_quota": quota, "online_percent": 100} | rules
    for name, value in values.items():
        setattr(queue, name, value)
    queue.save(update_fields=list(values))


def make_screen(*sources: Zone | Agency, halves: Iterable[str] = (), **fields: Any) -> Screen:
    """A display of these zones and agencies; `halves` says where each stands."""
    number = next(_serial)
    screen = Screen.objects.create(**{"code": f"layar-{number:05}", "name": f"Layar {number}"} | fields)
    for source, half in itertools.zip_longest(sources, halves, fillvalue=Half.LEFT):
        kind = "zone" if isinstance(source, Zone) else "agency"
        ScreenSource.objects.create(screen=screen, half=half, **{kind: source})
    return screen


def make_medium(name: str = "picture.jpg", **fields: Any) -> Medium:
    """A picture or a video of tests/support/media, as if the admin had taken it in."""
    content = (MEDIA / name).read_bytes()
    found = media.look_into(BytesIO(content), name, len(content))
    values: dict[str, Any] = {
        "title": name,
        "file": ContentFile(content, name),
        "kind": found.kind,
        "content_type": found.content_type,
        "size": len(content),
    }
    return Medium.objects.create(**values | fields)


def picture(width: int, height: int, kind: str = "PNG", **options: Any) -> bytes:
    """A file with a disc on a slope of colours, as an emblem or a photo may be."""
    canvas = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    ImageDraw.Draw(canvas).ellipse((width // 8, height // 8, width * 7 // 8, height * 7 // 8), "#0B5447")
    buffer = BytesIO()
    canvas.save(buffer, kind, **options)
    return buffer.getvalue()


def show_pictures() -> None:
    """Give the mall an emblem and a photo, as if the admin had taken them in."""
    emblem, photo = picture(600, 500), picture(1600, 1200, "JPEG")
    kinds = (
        pictures.emblem_files(BytesIO(emblem), len(emblem)),
        pictures.photo_files(BytesIO(photo), len(photo)),
    )
    for kind, files in zip(PictureKind, kinds, strict=True):
        change_picture(kind=kind, files=files, by=None)


def make_counter(agency: Agency, zone: Zone | None = None, **fields: Any) -> Counter:
    """A counter that the agency uses every day."""
    number = next(_serial)
    values: dict[str, Any] = {
        "code": f"L{number:05}",
        "number": str(number),
        "zone": zone or make_zone(),
    } | fields
    counter = Counter.objects.create(**values)
    CounterDuty.objects.create(counter=counter, agency=agency, valid_from=LONG_AGO)
    return counter


@functools.cache
def hashed_password() -> str:
    """PASSWORD as stored: hashed once, since a good hash is slow on purpose."""
    return make_password(PASSWORD)


def make_user(role: str = Role.OFFICER, agency: Agency | None = None, **fields: Any) -> User:
    """A person who can sign in with PASSWORD; placed at `agency` when given."""
    number = next(_serial)
    user: User = User.objects.create(
        **{
            "username": f"orang{number}",
            "password": hashed_password(),
            "role": role,
            "is_staff": role == Role.ADMIN,
        }
        | fields
    )
    if agency:
        Placement.objects.create(user=user, agency=agency, starts_on=LONG_AGO)
    return user


def open_session(agency: Agency, counter: Counter | None = None, user: User | None = None) -> CounterSession:
    """An officer of `agency` at an open counter."""
    return actions.open_counter(counter=counter or make_counter(agency), by=user or make_user(agency=agency))


def issue(service: Service, **fields: Any) -> Ticket:
    """The next number for `service`."""
    values: dict[str, Any] = {"service": service, "channel": Channel.ONLINE} | fields
    return actions.issue_ticket(**values)


def remember_days(queue: Queue, service: Service, minutes: int, *, before: datetime) -> None:
    """Let two days `before` a moment have happened: how long it took, and how many came in each hour."""
    rng = Random(queue.prefix)
    for ago in (1, 4):
        morning = (before - timedelta(days=ago)).replace(hour=8, minute=0)
        day = QueueDay.objects.create(
            queue=queue, date=morning.date(), prefix=queue.prefix, quota=None, last_number=20
        )
        Ticket.objects.bulk_create(_done(day, service, morning, minutes, rng))


def _done(day: QueueDay, service: Service, morning: datetime, minutes: int, rng: Random) -> Iterator[Ticket]:
    for number in range(1, 21):
        came = morning + timedelta(minutes=number * 18)
        started = came + timedelta(minutes=4)
        nonce = tokens.new_nonce()
        yield Ticket(
            queue_day=day,
            line=day,
            number=number,
            service=service,
            channel=Channel.KIOSK,
            state=TicketState.DONE,
            nonce=nonce,
            token_digest=tokens.digest(tokens.derived("ticket", nonce)),
            issued_at=came,
            arrived_at=came,
            called_at=started,
            started_at=started,
            ended_at=started + timedelta(minutes=minutes * rng.uniform(0.6, 1.5)),
            outcome="DONE",
            calls=1,
        )


def call_again(ticket: Ticket, by: User) -> Ticket:
    """Call a called number once more, at the first moment at which the hall allows it."""
    assert ticket.called_at is not None
    with clock.frozen(ticket.called_at + timedelta(seconds=20)):
        return actions.recall(ticket=ticket, by=by)


def miss(ticket: Ticket, by: User) -> Ticket:
    """Call a called number as often as its line asks; nobody comes, and it is marked so."""
    while ticket.calls < ticket.line.queue.calls_before_no_show:
        ticket = call_again(ticket, by)
    assert ticket.called_at is not None
    with clock.frozen(ticket.called_at):
        return actions.mark_no_show(ticket=ticket, by=by)


def make_finding(agency: Agency, **fields: Any) -> Finding:
    """An open finding of today, due in two weeks."""
    today = clock.today()
    values: dict[str, Any] = {
        "kind": FindingKind.SHORTCOMING,
        "source": FindingSource.OBSERVATION,
        "found_on": today,
        "found_by": "Tim monev",
        "what": "Loket kosong sampai pukul 10.00.",
        "step": "Susun jadwal piket.",
        "owner_words": "Kepala seksi",
        "due_on": today + timedelta(days=14),
    } | fields
    if "recorded_by" not in values:
        values["recorded_by"] = make_user(Role.ADMIN)
    return Finding.objects.create(agency=agency, **values)


def make_device(**fields: Any) -> Device:
    """A kiosk that nobody has paired yet."""
    number = next(_serial)
    return Device.objects.create(**{"name": f"Anjungan {number}", "kind": DeviceKind.KIOSK} | fields)


def pair(device: Device, client: Any = None, by: User | None = None) -> str:
    """Pair `device`, with this browser when given; its token."""
    admin = by or make_user(Role.ADMIN)
    _device, token = pair_device(code=make_code(device=device, by=admin), address="192.0.2.7")
    if client is not None:
        client.cookies[COOKIE] = token
    return token
