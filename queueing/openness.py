"""May a number be taken now, and if not, why and until when: pure rules, no database.

RULES is the precedence, first match wins; docs/antrean-buka.md says it in words. The reason that
lasts longest comes first, so that nobody waits for an end after which the door stays closed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mpp.core import clock
from mpp.core.errors import Refusal
from queueing.enums import Channel
from queueing.policy import Estimate
from services import troubles
from services.enums import Openness
from services.policy import Opening, Trouble, in_trouble
from tenants.enums import SERVING, AgencyStatus
from tenants.models import Agency

# At the stroke of opening nobody is late yet.
UNSTAFFED_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class Line:
    """How a line stands now. `remaining` is what anybody can still take; None without a quota.

    `shares` is what each channel can take; a channel that is not in it can take what remains.
    `more_at` is when an empty share may get more today (naive local); `has_time` whether the rest of
    the day can absorb one number more of its quickest service.
    """

    queue_id: int
    prefix: str
    waiting: int
    counters: int
    remaining: int | None
    estimate: Estimate | None
    shares: Mapping[str, int] = field(default_factory=dict)
    more_at: Mapping[str, datetime] = field(default_factory=dict)
    has_time: bool = True

    def left(self, channel: str | None) -> int | None:
        """Return how many numbers `channel` can still take; None without a quota."""
        if self.remaining is None or channel is None:
            return self.remaining
        return self.shares.get(channel, self.remaining)


@dataclass(frozen=True)
class Availability:
    """Whether a number can be taken now, in words and in figures.

    `until` is aware: when this state ends, or the next opening; None when nobody can say. `special`
    names an opening out of the ordinary, `season` the season whose hours hold. `trouble` is there
    whatever the state is: people who hold a number want to know too.
    """

    state: Openness
    code: str
    message: str
    until: datetime | None
    can_take: bool
    special: str = ""
    season: str = ""
    line: Line | None = None
    trouble: Trouble | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether it is open at this moment, staffed or not."""
        return self.state in {Openness.OPEN, Openness.UNSTAFFED}

    def refusal(self) -> Refusal:
        """Return the error that a refused request gets."""
        until = self.until.isoformat() if self.until else None
        return Refusal(self.code, self.message, until=until)


@dataclass(frozen=True)
class Facts:
    """All that bears on the answer. Times are naive local.

    `hours` is the opening by hours alone; `later` finds the first opening after a moment;
    `has_time` says whether the rest of the day can absorb one number more.
    """

    agency: Agency
    at: datetime
    hours: Opening
    trouble: Trouble | None
    line: Line | None
    later: Callable[[datetime], datetime | None]
    channel: str | None = None
    has_time: bool = True

    def answer(
        self, state: Openness, code: str, message: str, until: datetime | None, *, can_take: bool = False
    ) -> Availability:
        """Return an answer with what every answer carries."""
        return Availability(
            state,
            code,
            message,
            clock.aware(until) if until else None,
            can_take,
            special=self.hours.special,
            season=self.hours.season,
            line=self.line,
            trouble=self.trouble,
        )

    def next_day(self) -> datetime | None:
        """Return the next opening on a later day on which the agreement still holds."""
        return self.if_agreed(self.later(self.at))

    def if_agreed(self, opening: datetime | None) -> datetime | None:
        """Return `opening` unless the agreement is over by then: nobody is sent to a closed counter."""
        return opening if opening and has_agreement(self.agency, opening.date()) else None

    def when(self, moment: datetime | None) -> str:
        """Return a moment in words, seen from now."""
        return troubles.when_words(moment, self.at.date())


def decide(facts: Facts) -> Availability:
    """Return the answer of the first rule that matches; the last one always does."""
    return next(answer for rule in RULES if (answer := rule(facts)) is not None)


def _not_operating(facts: Facts) -> Availability | None:
    agency = facts.agency
    if agency.status in SERVING:
        return None
    match agency.status:
        case AgencyStatus.PAUSED:
            words = _("%(agency)s sedang tidak melayani di mal ini.")
        case AgencyStatus.ENDED:
            words = _("%(agency)s sudah tidak melayani di mal ini.")
        case _:
            words = _("%(agency)s belum melayani di mal ini.")
    message = words % {"agency": agency.short_name}
    today = facts.at.date()
    if not has_agreement(agency, today):
        message += " " + (past_words(agency, today) or _("Naskah kerja samanya belum berlaku."))
    return facts.answer(Openness.NOT_OPERATING, "agency_not_open", message, None)


def _no_agreement(facts: Facts) -> Availability | None:
    agency, today = facts.agency, facts.at.date()
    if has_agreement(agency, today):
        return None
    start, end, until = agency.agreement_from, agency.agreement_to, None
    if end is not None and end < today:
        message = _("Naskah kerja sama %(agency)s berakhir %(date)s. Nomor berhenti sampai diperpanjang.")
        message %= {"agency": agency.short_name, "date": date_format(end, "j F Y")}
    else:
        message = _("%(agency)s belum punya naskah kerja sama yang berlaku. Nomor belum dapat diambil.")
        message %= {"agency": agency.short_name}
    if start is not None and start > today:
        message += " " + _("Berlaku mulai %(date)s.") % {"date": date_format(start, "j F Y")}
        eve = datetime.combine(start, datetime.min.time()) - timedelta(days=1)
        until = facts.if_agreed(facts.later(eve))
    return facts.answer(Openness.NO_AGREEMENT, "agreement_not_in_force", message, until)


def _no_queue(facts: Facts) -> Availability | None:
    if facts.line is not None:
        return None
    message = _("Layanan ini belum memakai nomor antrean. Tanya petugas di pintu masuk.")
    return facts.answer(Openness.CLOSED, "no_queue", message, None)


def _closed(facts: Facts) -> Availability | None:
    hours = facts.hours
    if hours.state != Openness.CLOSED:
        return None
    until = facts.if_agreed(hours.until)
    sentences = [_closed_words(facts, until)]
    if hours.season and hours.code in {"before_hours", "last_number", "after_hours"}:
        sentences.append(_("Jam %(season)s berlaku.") % {"season": hours.season})
    if facts.trouble and until and _outlasts(facts.trouble, until):
        sentences.append(troubles.words(facts.trouble, facts.at))
    return facts.answer(Openness.CLOSED, hours.code, " ".join(sentences), until)


def _closed_words(facts: Facts, until: datetime | None) -> str:
    match facts.hours.code:
        case "before_hours":
            words = _("Belum buka.")
        case "last_number":
            words = _("Waktu ambil nomor hari ini sudah lewat.")
        case "holiday" | "joint_leave" | "closure":
            words = _("Tutup: %(name)s.") % {"name": facts.hours.reason}
        case _:
            words = _("Sedang tutup.")
    if until is None:
        return words
    back = _("Buka %(when)s.") if facts.hours.code == "before_hours" else _("Buka lagi %(when)s.")
    return f"{words} " + back % {"when": facts.when(until)}


def _outlasts(trouble: Trouble, moment: datetime) -> bool:
    return trouble.stops_numbers and (trouble.expected is None or trouble.expected > moment)


def _full(facts: Facts) -> Availability | None:
    line = facts.line
    if line is None or line.left(facts.channel) != 0:
        return None
    if line.remaining:
        more_at = line.more_at.get(facts.channel or "")
        words = _("Nomor di sini sudah habis.")
        if facts.channel == Channel.ONLINE:
            words = _("Nomor daring habis. Di anjungan masih ada nomor.")
        if more_at:
            words += " " + _("Sisa dibuka lagi %(when)s.") % {"when": facts.when(more_at)}
        return facts.answer(Openness.FULL, "full", words, more_at or facts.next_day())
    until = facts.next_day()
    words = _("Nomor hari ini sudah habis.")
    if until:
        back = _("Buka lagi %(when)s.") % {"when": facts.when(until)}
    else:
        back = _("Datang pada hari buka berikutnya.")
    return facts.answer(Openness.FULL, "full", f"{words} {back}", until)


def _no_time_left(facts: Facts) -> Availability | None:
    if facts.has_time:
        return None
    until = facts.next_day()
    words = _("Sisa waktu buka hari ini sudah terisi antrean.")
    if until:
        words += " " + _("Buka lagi %(when)s.") % {"when": facts.when(until)}
    return facts.answer(Openness.FULL, "no_time_left", words, until)


def _stopped_by_trouble(facts: Facts) -> Availability | None:
    if facts.trouble is None or not facts.trouble.stops_numbers:
        return None
    return _disrupted(facts, facts.trouble, _("Nomor belum dapat diambil."))


def _disrupted(facts: Facts, trouble: Trouble, consequence: str) -> Availability:
    opening = in_trouble(facts.hours, trouble, facts.at)
    message = f"{troubles.words(trouble, facts.at)} {consequence}"
    return facts.answer(opening.state, opening.code, message, opening.until, can_take=opening.takes_numbers)


def _break(facts: Facts) -> Availability | None:
    hours = facts.hours
    if hours.state != Openness.BREAK:
        return None
    message = _("Sedang istirahat. Lanjut %(when)s.") % {"when": facts.when(hours.until)}
    return facts.answer(Openness.BREAK, hours.code, message, hours.until, can_take=hours.takes_numbers)


def _slowed_by_trouble(facts: Facts) -> Availability | None:
    if facts.trouble is None:
        return None
    return _disrupted(facts, facts.trouble, _("Nomor tetap bisa diambil."))


def _unstaffed(facts: Facts) -> Availability | None:
    line, since = facts.line, facts.hours.since
    if line is None or line.counters or since is None or facts.at - since < UNSTAFFED_AFTER:
        return None
    message = _("Belum ada petugas di loket. Nomor tetap bisa diambil.")
    return facts.answer(Openness.UNSTAFFED, "unstaffed", message, facts.hours.until, can_take=True)


def _open(facts: Facts) -> Availability:
    return facts.answer(Openness.OPEN, "open", "", facts.hours.until, can_take=True)


Rule = Callable[[Facts], Availability | None]

RULES: tuple[Rule, ...] = (
    _not_operating,
    _no_agreement,
    _no_queue,
    _closed,
    _full,
    _no_time_left,
    _stopped_by_trouble,
    _break,
    _slowed_by_trouble,
    _unstaffed,
    _open,
)


def has_agreement(agency: Agency, day: date) -> bool:
    """Tell whether the agency may serve on `day` by its agreement (R000-15); an OPD needs none."""
    if not agency.needs_agreement:
        return True
    start, end = agency.agreement_from, agency.numbers_until or agency.agreement_to
    return start is not None and end is not None and start <= day <= end


def past_words(agency: Agency, day: date) -> str:
    """Return since when the agreement of an agency is over; "" when it is not, or there never was one."""
    end = agency.agreement_to
    if not agency.needs_agreement or end is None or end >= day:
        return ""
    return _("Kerja samanya berakhir %(end)s.") % {"end": date_format(end, "j F Y")}


def grace_words(agency: Agency, day: date) -> str:
    """Return what people should know while an agency serves on after its agreement has ended; else ""."""
    end, until = agency.agreement_to, agency.numbers_until
    if not agency.needs_agreement or end is None or until is None or not end < day <= until:
        return ""
    words = _("Kerja sama dengan instansi ini berakhir %(end)s.") % {"end": date_format(end, "j F Y")}
    if until == date.max:
        return words
    return f"{words} " + _("Nomor masih keluar sampai %(until)s.") % {"until": date_format(until, "j F Y")}
