"""The writers of evaluation: periods asked for, counted and closed; sheets remarked on and signed."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agreements.enums import Indicator, PeriodKind
from agreements.measuring import Figures, measure
from agreements.models import EvaluationFigure, EvaluationPeriod, EvaluationSheet
from agreements.owed import DAY
from mpp.core import audit, clock
from mpp.core.errors import Refusal
from mpp.core.text import clean_text
from tenants.models import Agency

if TYPE_CHECKING:
    from tenants.models import User

LONGEST = 4000


def ask_for(*, period: EvaluationPeriod, by: User | None = None) -> EvaluationPeriod:
    """Have the worker count the figures of a period, again if need be; refused (409) when it is closed."""
    with transaction.atomic():
        period = _locked(period)
        period.asked_at = clock.now()
        period.save(update_fields=["asked_at"])
        audit.record("evaluation.ask", by=by, target=period)
    return period


def prepare_year(*, year: int, by: User) -> int:
    """See to it that each month of `year` so far has its period, and have the open ones counted.

    Returns how many are counted. Raises `Refusal` (400) for a year to come.
    """
    today = clock.today()
    if year > today.year:
        raise Refusal("future", _("Tahun itu belum tiba."), status=400)
    months = [month for month in range(1, 13) if date(year, month, 1) <= today]
    with transaction.atomic():
        periods = [_month(year, month) for month in months]
        open_ones = [period for period in periods if period is not None and period.closed_at is None]
        for period in open_ones:
            ask_for(period=period, by=by)
    return len(open_ones)


def keep_counted() -> None:
    """Have what is not final counted once a day: the running month, and every other open period.

    Safe to run at any time and twice.
    """
    today = clock.today()
    midnight = clock.aware(datetime.combine(today, time(0)))
    unfinished = Q(computed_at=None) | Q(computed_at__date__lte=F("ends_on"))
    not_today = Q(asked_at=None) | Q(asked_at__lt=midnight)
    with transaction.atomic():
        _month(today.year, today.month)
        begun = EvaluationPeriod.objects.filter(unfinished, not_today, closed_at=None, starts_on__lt=today)
        for period in begun:
            ask_for(period=period)


def _month(year: int, month: int) -> EvaluationPeriod | None:
    """Return the period of this month, new if need be; None when another monthly one lies across it."""
    first = date(year, month, 1)
    last = date(year, month, calendar.monthrange(year, month)[1])
    months = EvaluationPeriod.objects.filter(kind=PeriodKind.MONTH)
    if there := months.filter(starts_on__lte=last, ends_on__gte=first).first():
        return there if (there.starts_on, there.ends_on) == (first, last) else None
    # The name is data of the mall, whatever language the one who asks reads.
    with translation.override(settings.LANGUAGE_CODE):
        name = date_format(first, "F Y")
    return EvaluationPeriod.objects.create(kind=PeriodKind.MONTH, name=name, starts_on=first, ends_on=last)


def compute_asked() -> int:
    """Count what somebody has asked for; return how many periods. Two workers never count the same one."""
    waiting = EvaluationPeriod.objects.filter(
        Q(computed_at=None) | Q(computed_at__lt=F("asked_at")), asked_at__isnull=False, closed_at=None
    )
    return sum(compute(key) for key in list(waiting.order_by("starts_on").values_list("pk", flat=True)))


def compute(key: int) -> bool:
    """Count the period with this key for every agency, up to yesterday; False when another worker has it.

    Signed sheets keep their figures.
    """
    with transaction.atomic():
        rows = EvaluationPeriod.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        period = rows.filter(pk=key, closed_at=None).first()
        if period is None:
            return False
        at = clock.now()
        last = min(period.ends_on, clock.local(at).date() - DAY)
        figures = measure(list(Agency.objects.all()), period.starts_on, last, at=at)
        _write(period, figures, at)
        EvaluationPeriod.objects.filter(pk=key).update(computed_at=at)
    return True


def _write(period: EvaluationPeriod, figures: Mapping[int, Figures], at: datetime) -> None:
    sheets = [EvaluationSheet(period=period, agency_id=agency, computed_at=at) for agency in figures]
    EvaluationSheet.objects.bulk_create(sheets, ignore_conflicts=True)
    unsigned = EvaluationSheet.objects.filter(period=period, approved_at=None)
    EvaluationFigure.objects.filter(sheet__in=unsigned).delete()
    unsigned.update(computed_at=at)
    EvaluationFigure.objects.bulk_create(
        EvaluationFigure(
            sheet_id=sheet, code=code, value=found.value, compared=found.compared, cases=found.cases
        )
        for sheet, agency in unsigned.values_list("pk", "agency")
        for code in Indicator
        if (found := figures.get(agency, {}).get(code))
    )


def remark(*, sheet: EvaluationSheet, remarks: str, by: User) -> EvaluationSheet:
    """Write what people say to the figures; refused (409) once the sheet is signed."""
    words = clean_text(remarks, limit=LONGEST, field="remarks")
    with transaction.atomic():
        sheet = _locked_sheet(sheet)
        if sheet.approved_at is not None:
            raise Refusal("signed", _("Lembar ini sudah disahkan. Tarik dulu pengesahannya."))
        sheet.remarks = words
        _save(sheet, ["remarks"], by)
    return sheet


def sign_sheet(*, sheet: EvaluationSheet, evaluator: str, office: str, by: User) -> EvaluationSheet:
    """Sign a sheet: from now on its figures stand.

    Raises `Refusal` (409) while the period has not ended or its last days are not counted yet.
    """
    name = clean_text(evaluator, limit=120, field="evaluator")
    title = clean_text(office, limit=160, field="office")
    if not (name and title):
        raise Refusal("evaluator_needed", _("Tulis nama dan jabatan penilai."), status=400)
    with transaction.atomic():
        sheet = _locked_sheet(sheet)
        _refuse_unfinished(sheet.period, sheet.computed_at)
        sheet.evaluator, sheet.office = name, title
        sheet.approved_at, sheet.approved_by = clock.now(), by
        _save(sheet, ["evaluator", "office", "approved_at", "approved_by"], by)
        audit.record("evaluation.sign", by=by, target=sheet, evaluator=name)
    return sheet


def withdraw_signature(*, sheet: EvaluationSheet, reason: str, by: User) -> EvaluationSheet:
    """Take a signature back, with the reason; refused (409) once the period is closed."""
    why = clean_text(reason, limit=200, field="reason")
    if not why:
        raise Refusal("reason_needed", _("Tulis alasannya."), status=400, field="reason")
    with transaction.atomic():
        sheet = _locked_sheet(sheet)
        sheet.approved_at = sheet.approved_by = None
        _save(sheet, ["approved_at", "approved_by"], by, reason=why)
        audit.record("evaluation.withdraw", by=by, target=sheet, reason=why)
    return sheet


def close_period(*, period: EvaluationPeriod, by: User) -> EvaluationPeriod:
    """Close a period for good: nothing in it changes any more, nor can it be opened again.

    Raises `Refusal` (409) while it has not ended or its last days are not counted yet.
    """
    with transaction.atomic():
        period = _locked(period)
        _refuse_unfinished(period, period.computed_at)
        period.closed_at, period.closed_by = clock.now(), by
        period._history_user = by  # type: ignore[attr-defined]
        period.save(update_fields=["closed_at", "closed_by"])
        audit.record("evaluation.close", by=by, target=period)
    return period


def unsigned_in(period: EvaluationPeriod) -> list[str]:
    """Return the agencies whose sheets nobody has signed, for those who close the period."""
    rows = EvaluationSheet.objects.filter(period=period, approved_at=None)
    return list(rows.order_by("agency").values_list("agency__short_name", flat=True))


def _refuse_unfinished(period: EvaluationPeriod, computed_at: datetime | None) -> None:
    if clock.today() <= period.ends_on:
        words = _("Masa ini belum berakhir. Tunggu sampai sesudah %(day)s.")
        raise Refusal("running", words % {"day": date_format(period.ends_on, "j F Y")})
    if computed_at is None or clock.local(computed_at).date() <= period.ends_on:
        raise Refusal("not_counted", _("Hari-hari terakhirnya belum dihitung. Tekan “Hitung” dulu."))


def _locked(period: EvaluationPeriod) -> EvaluationPeriod:
    """Return the row under its lock; refused (409) when it is closed."""
    fresh = EvaluationPeriod.objects.select_for_update(of=("self",), no_key=True).get(pk=period.pk)
    if fresh.closed_at is not None:
        raise Refusal("closed", _("Masa ini sudah ditutup. Angkanya tidak berubah lagi."))
    return fresh


def _locked_sheet(sheet: EvaluationSheet) -> EvaluationSheet:
    """Return the sheet, its period locked first as the counting does it."""
    _locked(sheet.period)
    rows = EvaluationSheet.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("period", "agency").get(pk=sheet.pk)


def _save(sheet: EvaluationSheet, fields: list[str], by: User, *, reason: str = "") -> None:
    sheet._history_user = by  # type: ignore[attr-defined]
    sheet._change_reason = reason[:100] or None  # type: ignore[attr-defined]
    sheet.save(update_fields=fields)
