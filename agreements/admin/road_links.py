"""From what lacks to the form that mends it, filled in beforehand and leading back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.actions import missing_for
from agreements.enums import FindingSource, InstrumentKind, InstrumentState
from agreements.models import Instrument
from agreements.onboarding import Gap, WayIn
from agreements.policy import PARENT_KINDS
from mpp.core import clock
from mpp.core.admin import BACK
from queueing.models import Queue
from services.enums import StandardStatus

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Button:
    """What a person presses. With `step` it is sent as that step; else it is a link."""

    label: StrOrPromise
    link: str
    step: str = ""
    is_off: bool = False
    also: tuple[StrOrPromise, str] | None = None


# A prefix has neither I nor O (queueing.models.lines).
LETTERS = ascii_uppercase.translate({ord("I"): None, ord("O"): None})
Maker = Callable[[WayIn, Gap, str], Button]


def button_of(request: HttpRequest, way: WayIn, gap: Gap) -> Button:
    """Return the button that mends `gap`."""
    return FIXES[gap.fix](way, gap, request.path)


def _to(page: str, back: str, *args: Any, **filled: Any) -> str:
    query = {name: value for name, value in filled.items() if value not in (None, "")}
    return reverse(f"admin:{page}", args=args, query={**query, BACK: back})


def _new(label: StrOrPromise, table: str) -> Maker:
    return lambda way, gap, back: Button(label, _to(f"{table}_add", back, agency=way.agency.pk))


def _row(label: StrOrPromise, table: str) -> Maker:
    return lambda way, gap, back: Button(label, _to(f"{table}_change", back, gap.key))


def _own(label: StrOrPromise, page: str) -> Maker:
    return lambda way, gap, back: Button(
        label, reverse(f"admin:agreements_joiningagency_{page}", args=[way.agency.pk])
    )


def _agency(label: StrOrPromise, page: str) -> Maker:
    return lambda way, gap, back: Button(label, _to(f"tenants_agency_{page}", back, way.agency.pk))


def _willing(way: WayIn, gap: Gap, back: str) -> Button:
    return Button(_("Catat bersedia"), _own("", "step")(way, gap, back).link, step="willing")


def _new_paper(way: WayIn, gap: Gap, back: str) -> Button:
    """A paper filled in as far as it can be known: its kind, its title, the paper above it."""
    kind = InstrumentKind(gap.kind)
    above = Instrument.objects.filter(agency=way.agency.pk, kind__in=sorted(PARENT_KINDS.get(kind, ())))
    parent = above.exclude(state__in=[InstrumentState.EXPIRED, InstrumentState.TERMINATED]).last()
    values = {
        "code": f"{INITIALS[kind]}-{way.agency.code}-{clock.today().year}",
        "title": f"{kind.label.capitalize()} {way.agency.short_name}",
        "kind": kind.value,
        "parent": parent.pk if parent else None,
        "agency": way.agency.pk,
    }
    label = _("Buat addendum") if kind == InstrumentKind.ADDENDUM else _("Buat naskah")
    return Button(label, _to("agreements_instrument_add", back, **values))


INITIALS = {
    InstrumentKind.NOTA_KESEPAKATAN: "NK",
    InstrumentKind.RENCANA_KERJA: "RK",
    InstrumentKind.KESEPAKATAN_BERSAMA: "KSB",
    InstrumentKind.PKS: "PKS",
    InstrumentKind.SURAT_PENUGASAN: "ST",
    InstrumentKind.ADDENDUM: "ADD",
}


def _new_promise(way: WayIn, gap: Gap, back: str) -> Button:
    values = {"agency": way.agency.pk, "instrument": gap.key, "valid_from": clock.today().isoformat()}
    return Button(_("Isi janji jadwal"), _to("agreements_promise_add", back, **values))


def _paper(way: WayIn, gap: Gap, back: str) -> Button:
    """To the paper itself while its text lacks something, else to its next state."""
    paper = Instrument.objects.get(pk=gap.key or 0)
    lacks_text = paper.state == InstrumentState.DRAFT and missing_for(paper, InstrumentState.READY)
    if lacks_text:
        return Button(_("Lengkapi naskah"), _to("agreements_instrument_change", back, paper.pk))
    return Button(_("Ubah keadaan naskah"), _to("agreements_instrument_change_state", back, paper.pk))


def _new_standard(way: WayIn, gap: Gap, back: str) -> Button:
    values = {
        "service": gap.key,
        "version": 1,
        "status": StandardStatus.PUBLISHED,
        "valid_from": clock.today().isoformat(),
    }
    return Button(_("Isi standar pelayanan"), _to("services_servicestandard_add", back, **values))


def _new_queue(way: WayIn, gap: Gap, back: str) -> Button:
    """A line with the next free letter and all public services of the agency in it."""
    public = way.agency.services.public(clock.today()).filter(queues=None).values_list("pk", flat=True)
    values = {
        "agency": way.agency.pk,
        "code": f"Q-{way.agency.code}",
        "name": way.agency.short_name,
        "prefix": _free_prefix(),
        "service": list(public),
    }
    return Button(_("Buat antrean"), _to("queueing_queue_add", back, **values))


def _free_prefix() -> str:
    """Return the first letter that no line uses, after the letters the first pair."""
    taken = set(Queue.objects.active().values_list("prefix", flat=True))
    pairs = ("".join(pair) for pair in product(LETTERS, repeat=2))
    return next(prefix for prefix in (*LETTERS, *pairs) if prefix not in taken)


def _new_duty(way: WayIn, gap: Gap, back: str) -> Button:
    values = {"agency": way.agency.pk, "valid_from": clock.today().isoformat()}
    counter = (_("Tambah loket baru"), _to("tenants_counter_add", back))
    return Button(_("Beri loket"), _to("tenants_counterduty_add", back, **values), also=counter)


def _new_placement(way: WayIn, gap: Gap, back: str) -> Button:
    values = {"agency": way.agency.pk, "starts_on": clock.today().isoformat()}
    person = (_("Tambah orang baru"), _to("tenants_user_add", back))
    return Button(_("Tempatkan petugas"), _to("tenants_placement_add", back, **values), also=person)


def _new_finding(way: WayIn, gap: Gap, back: str) -> Button:
    values = {"agency": way.agency.pk, "source": FindingSource.TRIAL, "found_on": clock.today().isoformat()}
    return Button(_("Catat temuan"), _to("agreements_finding_add", back, **values))


def _start(way: WayIn, gap: Gap, back: str) -> Button:
    button = _own(_("Mulai uji coba"), "trial")(way, gap, back)
    return Button(button.label, button.link, is_off=not way.may_begin)


FIXES: dict[str, Maker] = {
    "willing": _willing,
    "status": _agency(_("Ubah keadaan"), "change_status"),
    "agency": _agency(_("Lengkapi instansi"), "change"),
    "new_paper": _new_paper,
    "paper": _paper,
    "hours": lambda way, gap, back: Button(_("Isi jam buka"), _to("services_openinghours_add", back)),
    "new_promise": _new_promise,
    "new_service": _new(_("Tambah layanan"), "services_service"),
    "service": _row(_("Buka layanan"), "services_service"),
    "standard": _row(_("Terbitkan standar"), "services_servicestandard"),
    "new_standard": _new_standard,
    "new_queue": _new_queue,
    "new_duty": _new_duty,
    "new_placement": _new_placement,
    "placement": _row(_("Isi surat tugas"), "tenants_placement"),
    "readiness": _own(_("Buka kesiapan"), "readiness"),
    "start": _start,
    "plan": _own(_("Batalkan rencana"), "plan"),
    "new_finding": _new_finding,
    "decide": _own(_("Putuskan"), "decision"),
}
