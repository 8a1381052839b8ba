"""The writers of trials: begin one today or plan it for a coming day, and decide it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from agreements.conflicts import Day, outside_hours
from agreements.enums import Verdict
from agreements.models import Trial, TrialDecision
from agreements.onboarding import missing_for_trial
from mpp.core import audit, clock
from mpp.core.constraints import refused_by
from mpp.core.errors import Refusal
from mpp.core.text import clean_text
from services.actions import Hours, set_season, withdraw_season
from tenants.actions.agencies import set_status, set_trial_end
from tenants.enums import SERVING, AgencyStatus
from tenants.models import Agency

if TYPE_CHECKING:
    from tenants.models import User

# Stored in the hours and read by citizens, so the word stays as it is in every language.
SEASON = "Uji coba"
REASON_LENGTH = 300
NEXT_STATUS = {Verdict.OPERATE: AgencyStatus.OPERATING, Verdict.STOP: AgencyStatus.PREPARING}


def start_trial(
    *,
    agency: Agency,
    ends_on: date,
    by: User,
    starts_on: date | None = None,
    weekdays: Sequence[int] = (),
    opens_at: time | None = None,
    closes_at: time | None = None,
    note: str = "",
) -> Trial:
    """Open `agency` to the public under observation, from `starts_on` (today) until `ends_on`.

    On a coming day `begin_planned` opens it, if all is still there. Without `weekdays` and times it
    keeps its ordinary hours. Raises `Refusal` (409) with the list of what is missing (R000-15 among it),
    and for hours in which the mall is closed.
    """
    note = clean_text(note, limit=REASON_LENGTH, field="note")
    with refused_by(Trial), transaction.atomic():
        agency = _locked(agency.pk)
        _refuse_unready(agency)
        today = clock.today()
        if starts_on and starts_on < today:
            raise Refusal("bad_start", _("Tanggal mulai sudah lewat."), status=400, field="starts_on")
        trial = Trial.objects.create(
            agency=agency,
            starts_on=starts_on or today,
            ends_on=ends_on,
            weekdays=sorted(weekdays),
            opens_at=opens_at,
            closes_at=closes_at,
            note=note,
            started_by=by,
        )
        if trial.starts_on > today:
            _refuse_outside(trial, trial.starts_on)
            audit.record("trial.plan", by=by, target=agency.code, since=str(trial.starts_on))
        else:
            _begin(trial, by)
    return trial


def _begin(trial: Trial, by: User | None) -> None:
    trial.started_at = clock.now()
    trial.save(update_fields=["started_at"])
    _push_hours(trial, clock.today(), by)
    set_status(agency=trial.agency, status=AgencyStatus.TRIAL, by=by, reason=trial.note)
    set_trial_end(agency=trial.agency, until=trial.ends_on, by=by)
    audit.record("trial.start", by=by, target=trial.agency.code, until=str(trial.ends_on))


def begin_planned() -> int:
    """Begin the trials whose day has come; cancel, with the reason, those that are not ready. How many began.

    Safe to run at any time and twice.
    """
    due = Trial.objects.planned().filter(starts_on__lte=clock.today()).order_by("starts_on", "pk")
    return sum(_begin_or_cancel(trial) for trial in list(due))


def _begin_or_cancel(trial: Trial) -> bool:
    with transaction.atomic():
        agency = _locked(trial.agency_id)
        planned = Trial.objects.planned().filter(pk=trial.pk).first()
        if planned is None:
            return False
        planned.agency = agency
        try:
            with transaction.atomic():
                _refuse_unready(agency)
                _refuse_over(planned)
                _begin(planned, None)
        except Refusal as refusal:
            _cancel(planned, str(refusal.message), None)
            return False
    return True


def cancel_plan(*, trial: Trial, reason: str, by: User) -> Trial:
    """Give a planned trial up. Raises `Refusal` (400) without a reason, (409) once it has begun."""
    reason = _reason(reason)
    with transaction.atomic():
        _locked(trial.agency_id)
        planned = Trial.objects.planned().select_related("agency").filter(pk=trial.pk).first()
        if planned is None:
            raise Refusal("begun", _("Uji coba ini sudah dimulai atau dibatalkan. Muat ulang halaman."))
        _cancel(planned, reason, by)
    return planned


def _cancel(trial: Trial, reason: str, by: User | None) -> None:
    trial.ended_at = clock.now()
    trial.save(update_fields=["ended_at"])
    _decide(trial, Verdict.CANCEL, Truncator(reason).chars(REASON_LENGTH), by)


def _locked(agency_id: int) -> Agency:
    return Agency.objects.select_for_update(of=("self",), no_key=True).get(pk=agency_id)


def _refuse_over(trial: Trial) -> None:
    if trial.ends_on < clock.today():
        raise Refusal("over", _("Masa uji cobanya lewat sebelum dimulai."))


def _refuse_unready(agency: Agency) -> None:
    if agency.status in SERVING:
        raise Refusal("already_serving", _("Instansi ini sudah melayani."))
    if missing := missing_for_trial(agency):
        words = _("Uji coba belum dapat dimulai. Lengkapi dulu: %(gaps)s")
        raise Refusal("not_ready", words % {"gaps": " ".join(missing)}, missing=missing)


def extend_trial(*, trial: Trial, ends_on: date, reason: str, by: User) -> Trial:
    """Let the trial go on until `ends_on`, with the same hours.

    Raises `Refusal` (400) without a reason or with a day that is no later, (409) once it is decided.
    """
    reason = _reason(reason)
    with transaction.atomic():
        trial = _open(trial)
        today = clock.today()
        if ends_on <= max(trial.ends_on, today):
            words = _("Pilih tanggal sesudah %(day)s.")
            day = date_format(max(trial.ends_on, today), "j F Y")
            raise Refusal("bad_end", words % {"day": day}, status=400, field="ends_on")
        trial.ends_on = ends_on
        trial.save(update_fields=["ends_on"])
        _push_hours(trial, today, by)
        set_trial_end(agency=trial.agency, until=ends_on, by=by)
        _decide(trial, Verdict.EXTEND, reason, by, until=ends_on)
    return trial


def end_trial(*, trial: Trial, verdict: Verdict, reason: str, by: User) -> Trial:
    """End the trial: the agency operates from now on, or goes back to its preparation.

    Its trial hours end today, so that the ordinary ones hold at once. Raises `Refusal` (400) without
    a reason, (409) once it is decided.
    """
    reason = _reason(reason)
    with transaction.atomic():
        trial = _open(trial)
        trial.ended_at = clock.now()
        trial.save(update_fields=["ended_at"])
        withdraw_season(agency=trial.agency, name=SEASON, since=clock.today(), by=by)
        set_trial_end(agency=trial.agency, until=None, by=by)
        set_status(agency=trial.agency, status=NEXT_STATUS[verdict], by=by, reason=reason)
        _decide(trial, verdict, reason, by)
    return trial


def _open(trial: Trial) -> Trial:
    """Lock the agency, then read the trial: of two decisions at once the second is told."""
    _locked(trial.agency_id)
    found = Trial.objects.open().select_related("agency").filter(pk=trial.pk).first()
    if found is None:
        raise Refusal("decided", _("Uji coba ini sudah diputuskan. Muat ulang halaman."))
    return found


def _reason(text: str) -> str:
    reason = clean_text(text, limit=REASON_LENGTH, field="reason")
    if not reason:
        raise Refusal("reason_needed", _("Tulis alasan putusan ini."), status=400, field="reason")
    return reason


def _decide(trial: Trial, verdict: Verdict, reason: str, by: User | None, until: date | None = None) -> None:
    TrialDecision.objects.create(
        trial=trial, verdict=verdict, reason=reason, until=until, by=by, at=clock.now()
    )
    audit.record("trial.decide", by=by, target=trial.agency.code, verdict=verdict, reason=reason)


def _push_hours(trial: Trial, since: date, by: User | None) -> None:
    if days := _refuse_outside(trial, since):
        set_season(agency=trial.agency, name=SEASON, start=since, end=trial.ends_on, days=days, by=by)


def _refuse_outside(trial: Trial, since: date) -> list[Hours]:
    """Return the hours of the trial, none when it keeps the ordinary ones; refuse those of a closed mall."""
    if trial.opens_at is None or trial.closes_at is None:
        return []
    days = [Hours(weekday, trial.opens_at, trial.closes_at) for weekday in trial.weekdays]
    if gaps := outside_hours((Day(day.weekday, day.opens_at, day.closes_at) for day in days), since):
        raise Refusal("outside_hours", " ".join(gaps), status=400)
    return days
