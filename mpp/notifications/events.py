"""Every event that people are told of: the portal's words for it, and the blanks these words may have.

A blank is written {nomor}. Nothing else in a text means anything: no template language, no code
(trust.md S-010). The facts come from whoever writes the message; moments among them are put into
words here, in the reader's language and the mall's zone of time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mpp.core import clock
from mpp.core.formats import hour
from mpp.core.templatetags.mpp import zone_suffix
from mpp.notifications.enums import Language

BLANK = re.compile(r"\{([a-z_]+)\}")
# Facts that may pass through another company's servers to a locked screen.
HARMLESS = frozenset({"nomor", "loket", "sisa"})


@dataclass(frozen=True)
class Event:
    """An event: its name and words by language, and each blank with an example.

    `ended_by`: once one of these was told to the same person, this one is worthless; `undone_by`: only
    when it was told after this one.
    """

    title: Mapping[str, str]
    words: Mapping[str, str]
    sample: Mapping[str, Any] = field(default_factory=dict)
    ended_by: frozenset[str] = frozenset()
    undone_by: frozenset[str] = frozenset()
    is_urgent: bool = False


def _event(id: str, en: str, id_words: str, en_words: str, **more: Any) -> Event:
    return Event({"id": id, "en": en}, {"id": id_words, "en": en_words}, **more)


SAMPLE_MOMENT = {"moment": "2026-11-24T01:30:00+00:00"}
SAMPLE_TIME = {"time": "2026-11-24T01:30:00+00:00"}
SAMPLE_DAY = {"day": "2026-11-24"}
SAMPLE_FILE = {"kode": "K7M4-PXRT", "layanan": "Paspor"}
ENDED_BY_CALL = frozenset({"ticket_called"})

EVENTS: Mapping[str, Event] = {
    "ticket_issued": _event(
        "Nomor keluar",
        "Number given",
        "Nomor Anda {nomor}, {layanan}. Buka tautan nomor untuk melihat giliran.",
        "Your number is {nomor}, {layanan}. Open its link to follow your turn.",
        sample={"nomor": "A-047", "layanan": "KTP elektronik hilang"},
        ended_by=ENDED_BY_CALL,
    ),
    "five_ahead": _event(
        "Lima lagi",
        "Five ahead",
        "Nomor {nomor}: {sisa} orang lagi di depan Anda. Mendekatlah ke loket.",
        "Number {nomor}: people ahead of you: {sisa}. Please come near the counters.",
        sample={"nomor": "A-047", "sisa": {"count": 5}},
        ended_by=ENDED_BY_CALL | {"two_ahead"},
    ),
    "two_ahead": _event(
        "Dua lagi",
        "Two ahead",
        "Nomor {nomor}: {sisa} orang lagi di depan Anda. Bersiaplah di dekat loket.",
        "Number {nomor}: people ahead of you: {sisa}. Please wait beside the counters.",
        sample={"nomor": "A-047", "sisa": {"count": 2}},
        ended_by=ENDED_BY_CALL,
        is_urgent=True,
    ),
    "ticket_called": _event(
        "Dipanggil",
        "Called",
        "Nomor {nomor} dipanggil. Silakan ke loket {loket} sekarang.",
        "Number {nomor} is called. Please go to counter {loket} now.",
        sample={"nomor": "A-047", "loket": "3"},
        undone_by=frozenset({"call_taken_back"}),
        is_urgent=True,
    ),
    "call_taken_back": _event(
        "Panggilan ditarik",
        "Call taken back",
        "Nomor {nomor} belum jadi dipanggil. Tempat Anda tetap. Tunggu panggilan berikutnya.",
        "Number {nomor} is not called yet. You keep your place. Please wait for the next call.",
        sample={"nomor": "A-047"},
        is_urgent=True,
    ),
    "counter_changed": _event(
        "Pindah loket",
        "Counter changed",
        "Nomor {nomor} dialihkan ke {tempat}. Nomor dan waktu antre Anda tetap.",
        "Number {nomor} was moved to {tempat}. Your number and your time stay the same.",
        sample={"nomor": "A-047", "tempat": {"counter": "5"}},
    ),
    "trouble": _event(
        "Gangguan",
        "Trouble",
        "{kabar} Nomor {nomor} tetap berlaku dan tetap di tempatnya.",
        "{kabar} Number {nomor} stays valid and keeps its place.",
        sample={"kabar": "Gangguan: listrik padam. Belum diketahui kapan pulih.", "nomor": "A-047"},
    ),
    "ticket_cancelled": _event(
        "Dibatalkan mal",
        "Cancelled by the mall",
        "Nomor {nomor} dibatalkan petugas. Tanya petugas di pintu masuk bila ini keliru.",
        "Number {nomor} was cancelled by staff. Ask at the entrance if this is wrong.",
        sample={"nomor": "A-047"},
    ),
    "ticket_carried": _event(
        "Dilanjutkan ke hari lain",
        "Carried over",
        "Antrean hari ini sudah tutup. Nomor Anda {hari}: {nomor}. Anda dipanggil lebih dulu.",
        "Today's queue has closed. Your number {hari}: {nomor}. You are called first.",
        sample={"hari": SAMPLE_DAY, "nomor": "A-001"},
    ),
    "papers_lacking": _event(
        "Berkas kurang",
        "Papers missing",
        "Nomor {nomor}: berkas belum lengkap. Bawa saat datang lagi: {berkas}.",
        "Number {nomor}: papers are missing. Bring these next time: {berkas}.",
        sample={"nomor": "A-047", "berkas": "Kartu Keluarga; materai"},
    ),
    "numbers_again": _event(
        "Ada nomor lagi",
        "Numbers again",
        "Ada nomor lagi hari ini: {layanan}. Ambil di situs mal selagi ada. Pesan ini bukan nomor.",
        "There are numbers again today: {layanan}. Take one on the mall's site. This is not a number.",
        sample={"layanan": "Paspor"},
    ),
    "file_ready": _event(
        "Berkas siap diambil",
        "File ready",
        "Berkas {kode}, {layanan}, siap diambil. Bawa tanda terima atau kode ini.",
        "File {kode}, {layanan}, is ready. Bring your receipt or this code.",
        sample=SAMPLE_FILE,
        undone_by=frozenset({"file_not_ready"}),
    ),
    "file_not_ready": _event(
        "Berkas belum jadi siap",
        "File not ready yet",
        "Berkas {kode}, {layanan}, ternyata belum siap. Jangan datang dulu. Kami kabari lagi.",
        "File {kode}, {layanan}, is not ready after all. Please do not come yet. We will tell you.",
        sample=SAMPLE_FILE,
    ),
    "file_lacking": _event(
        "Berkas perlu dilengkapi",
        "File incomplete",
        "Berkas {kode}, {layanan}, kurang: {kurang}. Bawa ke loket instansinya.",
        "File {kode}, {layanan}, lacks: {kurang}. Bring it to the agency's counter.",
        sample=SAMPLE_FILE | {"kurang": "Kartu Keluarga; materai"},
    ),
    "file_rejected": _event(
        "Berkas ditolak",
        "File turned down",
        "Berkas {kode}, {layanan}, tidak dapat diproses. Alasannya ada di halaman Cek berkas.",
        "File {kode}, {layanan}, cannot be processed. The reason is on the page Track a file.",
        sample=SAMPLE_FILE,
    ),
    "file_late": _event(
        "Berkas terlambat",
        "File delayed",
        "Berkas {kode}, {layanan}, belum selesai. Janjinya {janji}. Tetap kami kerjakan.",
        "File {kode}, {layanan}, is delayed. It was promised for {janji}. We are still working on it.",
        sample=SAMPLE_FILE | {"janji": {"day": "2026-11-23"}},
        undone_by=frozenset({"file_ready"}),
    ),
    "booking_made": _event(
        "Waktu dipesan",
        "Time booked",
        "Waktu Anda {waktu}, {layanan}. Kode hadir {kode}. Ubah lewat tautan pesanan.",
        "Your time: {waktu}, {layanan}. Arrival code {kode}. Change it through the booking's link.",
        sample={"waktu": SAMPLE_MOMENT, "layanan": "Paspor", "kode": "K7M-2PQ"},
    ),
    "booking_tomorrow": _event(
        "Pesanan besok",
        "Booked for tomorrow",
        "Besok {jam}: {layanan}. Kode hadir {kode}. Tidak jadi datang? Batalkan lewat tautan pesanan.",
        "Tomorrow {jam}: {layanan}. Arrival code {kode}. Not coming? Cancel through the booking's link.",
        sample={"jam": SAMPLE_TIME, "layanan": "Paspor", "kode": "K7M-2PQ"},
    ),
    "booking_earlier": _event(
        "Ada waktu lebih awal",
        "An earlier time",
        "Ada waktu lebih awal: {waktu}, {layanan}. Terima di tautan pesanan sebelum {sampai}.",
        "An earlier time is free: {waktu}, {layanan}. Accept it through the link before {sampai}.",
        sample={"waktu": SAMPLE_MOMENT, "layanan": "Paspor", "sampai": SAMPLE_TIME},
        is_urgent=True,
    ),
    "booking_cancelled": _event(
        "Pesanan dibatalkan mal",
        "Booking cancelled by the mall",
        "Pesanan {waktu}, {layanan}, dibatalkan petugas. Pesan waktu lain di situs mal.",
        "Your booking {waktu}, {layanan}, was cancelled by staff. Please book another time.",
        sample={"waktu": SAMPLE_MOMENT, "layanan": "Paspor"},
    ),
    "booking_closed": _event(
        "Waktu pesanan tutup, dibatalkan",
        "Booked time closed, cancelled",
        "Loket tutup {waktu}. Pesanan Anda, {layanan}, dibatalkan. Pesan waktu lain lewat tautan pesanan.",
        "The counter is closed {waktu}. Your booking, {layanan}, is cancelled. Please book another time.",
        sample={"waktu": SAMPLE_MOMENT, "layanan": "Paspor"},
    ),
    "booking_shifted": _event(
        "Waktu pesanan tutup, dipindah",
        "Booked time closed, moved",
        "Loket tutup {lama}. Waktu Anda menjadi {waktu}, {layanan}. Tidak cocok? Ubah lewat tautan pesanan.",
        "The counter is closed {lama}. Your new time: {waktu}, {layanan}. Change it through the link.",
        sample={"lama": SAMPLE_MOMENT, "waktu": SAMPLE_MOMENT, "layanan": "Paspor"},
    ),
    "officer_asked": _event(
        "Petugas diminta",
        "Officer wanted",
        "Anda diminta ke loket {loket}, {instansi}, sekarang. Kabari pengelola lantai.",
        "You are wanted at counter {loket}, {instansi}, now. Tell the floor manager.",
        sample={"loket": "3", "instansi": "Dukcapil"},
        is_urgent=True,
    ),
    "agreement_ending": _event(
        "Naskah hampir berakhir",
        "Agreement about to end",
        "Naskah {naskah} dengan {instansi} berakhir {hari}. Sisa hari: {sisa}. Siapkan perpanjangannya.",
        "The agreement {naskah} with {instansi} ends {hari}. Days left: {sisa}. Please renew it.",
        sample={
            "naskah": "Kesepakatan Bersama",
            "instansi": "Telkom",
            "hari": SAMPLE_DAY,
            "sisa": {"count": 30},
        },
    ),
    "officers_absent": _event(
        "Petugas tidak datang",
        "Officers absent",
        "{instansi}, {hari}: petugas dijanjikan {dijanjikan}, datang {datang}. Mohon kirim pengganti.",
        "{instansi}, {hari}: officers promised {dijanjikan}, present {datang}. Please send somebody.",
        sample={
            "instansi": "Dukcapil",
            "hari": SAMPLE_DAY,
            "dijanjikan": {"count": 2},
            "datang": {"count": 1},
        },
    ),
    "test": _event(
        "Pesan uji",
        "Test message",
        "Pesan uji dari portal. Saluran ini bekerja.",
        "Test message from the portal. This channel works.",
    ),
}


def of(name: str) -> Event:
    """Return the event called `name`; raises `KeyError` for one that is not known."""
    return EVENTS[name]


def title_of(name: str) -> str:
    """Return the event's name for people; its code when it is not known any more."""
    return EVENTS[name].title["id"] if name in EVENTS else name


def choices() -> list[tuple[str, str]]:
    """Return the events with their names, for a form."""
    return [(name, event.title["id"]) for name, event in EVENTS.items()]


def unknown_blanks(name: str, text: str) -> list[str]:
    """Return the blanks in `text` that this event cannot fill, as they are written."""
    known = EVENTS[name].sample if name in EVENTS else {}
    return [f"{{{blank}}}" for blank in BLANK.findall(text) if blank not in known]


def fill(text: str, params: Mapping[str, Any], language: str) -> str:
    """Return `text` with its blanks filled; what is no known blank stays as it is written."""
    return BLANK.sub(lambda found: shown(params.get(found[1], found[0]), language), text)


def shown(value: Any, language: str) -> str:
    """Return one fact in words: a text, or a "moment", "time", "day", "count" or "counter" by its kind."""
    if not isinstance(value, Mapping):
        return str(value)
    with translation.override(language):
        match next(iter(value.items())):
            case ("day", day):
                return _day(date.fromisoformat(day), language)
            case ("count", 0):
                return "0" if language == Language.ENGLISH else _("tidak ada")
            case ("count", count):
                return str(count)
            case ("counter", number):
                return f"counter {number}" if language == Language.ENGLISH else f"loket {number}"
            case ("time", moment):
                return _time(datetime.fromisoformat(moment))
            case ("moment", moment):
                here = timezone.localtime(datetime.fromisoformat(moment))
                pattern = "%(day)s at %(time)s" if language == Language.ENGLISH else "%(day)s pukul %(time)s"
                return pattern % {"day": date_format(here, "l, j F"), "time": _time(here)}
    return ""


def _day(day: date, language: str) -> str:
    if day == clock.today() + timedelta(days=1):
        return "tomorrow" if language == Language.ENGLISH else _("besok")
    return date_format(day, "l, j F")


def _time(moment: datetime) -> str:
    return f"{hour(moment)} {zone_suffix()}".rstrip()


def harmless(name: str, text: str, params: Mapping[str, Any], language: str) -> str:
    """Return the message for a locked screen: the text itself, unless it tells more than a number."""
    if HARMLESS.issuperset(BLANK.findall(text)):
        return fill(text, params, language)
    is_english = language == Language.ENGLISH
    rest = "Open your page to read it." if is_english else "Buka halaman Anda untuk membacanya."
    return f"{EVENTS[name].title[language]}. {rest}"
