"""How availability reads on a page: its mark, its figure, its sentence.

Every state ends in an action or a time (LOOK.md, "States").
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mpp.core import clock
from mpp.core.formats import end_hour, hour
from mpp.core.templatetags.mpp import zone_suffix
from queueing.availability import Availability, Line
from queueing.enums import Channel
from services.enums import Openness
from services.policy import Opening

BADGES = {
    Openness.OPEN: "open",
    Openness.UNSTAFFED: "unmanned",
    Openness.DISRUPTED: "trouble",
    Openness.BREAK: "break",
    Openness.CLOSED: "closed",
    Openness.FULL: "full",
    Openness.NOT_OPERATING: "closed",
    Openness.NO_AGREEMENT: "closed",
}


@dataclass(frozen=True)
class Panel:
    """The panel to take a number from. `rest` follows the badge; `unit` stands beside or under the figure."""

    badge: str
    word: str
    can_take: bool
    rest: str = ""
    figure: str = ""
    unit: str = ""
    unit_is_under: bool = False
    say: str = ""
    special: str = ""
    line: Line | None = None
    # Numbers are out, and may come back today.
    may_come_back: bool = False

    @property
    def online_left(self) -> int | None:
        """Return how many numbers can really be taken online now; None without a quota."""
        return self.line.left(Channel.ONLINE) if self.line else None

    @property
    def site_left(self) -> int | None:
        """Return how many can be taken on site; None without a quota, or when all draw from the same."""
        line = self.line
        if line is None or line.remaining is None:
            return None
        on_site = line.left(Channel.KIOSK)
        return None if on_site == self.online_left == line.remaining else on_site


@dataclass(frozen=True)
class RowState:
    """The right end of a row, a figure or a badge, and what replaces its small print."""

    figure: str = ""
    badge: str = ""
    word: str = ""
    note: str = ""
    is_off: bool = False


@dataclass(frozen=True)
class MallState:
    """The one line about the mall as a whole."""

    badge: str
    word: str
    rest: str
    special: str


def panel_of(answer: Availability, next_opening: datetime | None = None) -> Panel:
    """Return the panel for `answer`; `next_opening` (aware) is the time a full line ends in."""
    badge = BADGES[answer.state]
    word = str(answer.state.label)
    match answer.state:
        case Openness.OPEN | Openness.UNSTAFFED:
            return _open_panel(answer)
        case Openness.BREAK:
            say = _break_sentence(answer)
            figure, unit = _time_and_day(answer.until, _("lanjut"))
        case Openness.DISRUPTED:
            say = answer.message
            figure, unit = _time_and_day(answer.until, _("perkiraan pulih"))
        case Openness.FULL:
            say = _full_sentence(answer)
            figure, unit = _full_figure(answer, next_opening)
        case Openness.CLOSED:
            say = _closed_sentence(answer)
            word = _("Tanpa nomor") if answer.code == "no_queue" else word
            figure, unit = _time_and_day(answer.until)
        case _:
            say, figure, unit = answer.message, "", ""
    return Panel(
        badge,
        word,
        answer.can_take,
        figure=figure,
        unit=unit,
        unit_is_under=True,
        say=say,
        special=answer.special,
        line=answer.line,
        may_come_back=answer.code == "full",
    )


def _is_staffed(answer: Availability) -> bool:
    return answer.line is not None and answer.line.counters > 0


def _open_mark(answer: Availability) -> tuple[str, str]:
    """Return the mark and the word of a line whose wait nobody knows: open, or without an officer."""
    if _is_staffed(answer):
        return "open", str(Openness.OPEN.label)
    return "unmanned", _("Belum ada petugas")


def _open_panel(answer: Availability) -> Panel:
    guess = answer.line.estimate if answer.line else None
    if guess is None:
        say = _("Lama tunggu belum dapat diperkirakan. Nomor tetap bisa diambil.")
        badge, word = _open_mark(answer)
        return Panel(badge, word, answer.can_take, say=say, special=answer.special, line=answer.line)
    return Panel(
        "open",
        str(answer.state.label),
        answer.can_take,
        rest=_until(answer.until),
        figure=minutes_words(guess.low_minutes, guess.high_minutes),
        unit=_("menit tunggu"),
        special=answer.special,
        line=answer.line,
    )


def _break_sentence(answer: Availability) -> str:
    if not answer.can_take:
        return answer.message
    waiting = answer.line.waiting if answer.line else 0
    if not waiting:
        return _("Nomor tetap bisa diambil.")
    people = ngettext("%(count)d orang menunggu.", "%(count)d orang menunggu.", waiting) % {"count": waiting}
    return f"{people} " + _("Nomor tetap bisa diambil.")


def _full_sentence(answer: Availability) -> str:
    if _left_on_site(answer):
        words = [_("Nomor daring habis. Ambil nomor di anjungan.")]
        if answer.until and clock.local(answer.until).date() == clock.today():
            words.append(_("Nomor daring lagi %(when)s.") % {"when": when_short(answer.until)})
        elif answer.until:
            words.append(_("Buka lagi %(when)s.") % {"when": when_short(answer.until)})
        return " ".join(words)
    if answer.code == "full" and answer.line and answer.line.remaining == 0:
        return " ".join(
            (
                _("Nomor hari ini habis."),
                _("Nomor yang dibatalkan orang lain kembali ke halaman ini."),
                _("Coba lagi nanti, atau datang saat buka lagi."),
            )
        )
    return answer.message


def _left_on_site(answer: Availability) -> int:
    """Return how many numbers the kiosk still has while there are none online."""
    if answer.code != "full" or answer.line is None:
        return 0
    return answer.line.left(Channel.KIOSK) or 0


def _full_figure(answer: Availability, next_opening: datetime | None) -> tuple[str, str]:
    if on_site := _left_on_site(answer):
        return str(on_site), _("nomor di anjungan")
    figure, unit = _time_and_day(answer.until or next_opening)
    return figure, _("%(when)s, buka lagi") % {"when": unit} if unit else ""


def _closed_sentence(answer: Availability) -> str:
    match answer.code:
        case "last_number":
            return _("Waktu ambil nomor hari ini sudah lewat. Siapkan berkas untuk hari buka berikutnya.")
        case "before_hours" | "after_hours" | "closed_today" if answer.until:
            return _("Nomor dapat diambil saat buka. Siapkan berkas Anda dulu.")
        case _:
            return answer.message


def row_state(answer: Availability) -> RowState:
    """Return how a row of a list ends for `answer`."""
    badge, word = BADGES[answer.state], str(answer.state.label)
    match answer.state:
        case Openness.OPEN | Openness.UNSTAFFED:
            guess = answer.line.estimate if answer.line else None
            if guess:
                return RowState(figure=minutes_words(guess.low_minutes, guess.high_minutes))
            mark, said = _open_mark(answer)
            return RowState(badge=mark, word=said)
        case Openness.BREAK:
            note = _("Lanjut %(when)s") % {"when": when_short(answer.until)}
        case Openness.DISRUPTED:
            note = _("Pulih kira-kira %(when)s") % {"when": when_short(answer.until)} if answer.until else ""
        case Openness.FULL if _left_on_site(answer):
            note = _("Nomor daring habis, ada di anjungan")
        case Openness.FULL:
            note = _("Nomor hari ini habis")
        case Openness.CLOSED if answer.code == "no_queue":
            return RowState(
                badge=badge, word=_("Tanpa nomor"), note=_("Tanya petugas di pintu masuk"), is_off=True
            )
        case Openness.CLOSED:
            note = _("Buka %(when)s") % {"when": when_short(answer.until)} if answer.until else ""
        case _:
            note = ""
    return RowState(badge=badge, word=word, note=note, is_off=True)


def mall_state(opening: Opening) -> MallState:
    """Return the mall's own line: open until when, or when again."""
    until = clock.aware(opening.until) if opening.until else None
    badge = BADGES[opening.state]
    match opening.state:
        case Openness.OPEN:
            return MallState(badge, _("Buka sekarang"), _until(until), opening.special)
        case Openness.BREAK:
            rest = _("lanjut %(when)s") % {"when": when_short(until)}
            return MallState(badge, _("Istirahat"), rest, opening.special)
        case Openness.DISRUPTED:
            rest = _("kira-kira pulih %(when)s") % {"when": when_short(until)} if until else ""
            return MallState(badge, _("Gangguan: %(name)s") % {"name": opening.reason}, rest, opening.special)
        case _:
            word = _("Tutup: %(name)s") % {"name": opening.reason} if opening.reason else _("Tutup")
            rest = _("buka %(when)s") % {"when": when_short(until)} if until else ""
            return MallState(badge, word, rest, opening.special)


def minutes_words(low: int, high: int) -> str:
    """Return a range of minutes with an en dash."""
    return f"{low}–{high}"


def when_short(moment: datetime | None) -> str:
    """Return "08.00 WITA" today, else "besok 08.00 WITA", "Kamis 08.30 WITA", "30 November 08.00 WITA"."""
    if moment is None:
        return ""
    here = clock.local(moment)
    return f"{_day_word(here.date())} {hour(here)} {zone_suffix()}".strip()


def _until(moment: datetime | None) -> str:
    if moment is None:
        return ""
    here = clock.local(moment)
    return _("sampai %(time)s") % {"time": f"{end_hour(here)} {zone_suffix()}".rstrip()}


def _time_and_day(moment: datetime | None, word: str = "") -> tuple[str, str]:
    """Return a time as the large figure and, under it, its zone and its day."""
    if moment is None:
        return "", ""
    here = clock.local(moment)
    day = word or _day_word(here.date()) or _("hari ini")
    return hour(here), f"{zone_suffix()} {day}".strip()


def _day_word(day: date) -> str:
    today = clock.today()
    if day <= today:
        return ""
    if day == today + timedelta(days=1):
        return _("besok")
    return date_format(day, "l" if day < today + timedelta(days=7) else "j F")
