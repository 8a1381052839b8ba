"""What each indicator of an evaluation is: its unit, where it comes from, and how it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.enums import Indicator

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Measure:
    """How an indicator is read.

    `unit` stands after the number; `against` says what it is compared with; `source` how it is counted.
    `is_share`: the value is a part of what it is compared with. `more_is_better`: None when neither is.
    """

    unit: StrOrPromise
    against: StrOrPromise
    source: StrOrPromise
    is_share: bool = True
    more_is_better: bool | None = True


MEASURES: Mapping[str, Measure] = {
    Indicator.OFFICER_HOURS: Measure(
        gettext_lazy("jam"),
        gettext_lazy("jam yang dijanjikan"),
        gettext_lazy("Sesi loket di dalam jam janji. Kelebihan satu hari tidak menutup hari lain."),
    ),
    Indicator.DAYS_OPEN: Measure(
        gettext_lazy("hari"),
        gettext_lazy("hari yang dijanjikan"),
        gettext_lazy("Hari janji yang sedikitnya satu loketnya dibuka. Hari libur tidak dihitung."),
    ),
    Indicator.LATE_OPENINGS: Measure(
        gettext_lazy("hari"),
        gettext_lazy("hari buka"),
        gettext_lazy("Loket pertama dibuka lebih lambat dari jam buka dan toleransinya."),
        more_is_better=False,
    ),
    Indicator.EMPTY_COUNTERS: Measure(
        gettext_lazy("menit"),
        gettext_lazy("menit jam buka"),
        gettext_lazy("Di jam buka ada nomor menunggu, tetapi semua loket tutup atau jeda."),
        more_is_better=False,
    ),
    Indicator.SERVED: Measure(
        gettext_lazy("orang"),
        gettext_lazy("nomor keluar"),
        gettext_lazy("Nomor yang selesai dilayani di antrean instansi ini."),
    ),
    Indicator.WAIT_MEDIAN: Measure(
        gettext_lazy("menit"),
        gettext_lazy("menit janji standar"),
        gettext_lazy("Dari waktu antre sampai dipanggil: separuh orang menunggu lebih singkat."),
        is_share=False,
        more_is_better=False,
    ),
    Indicator.WAIT_P90: Measure(
        gettext_lazy("menit"),
        gettext_lazy("menit janji standar"),
        gettext_lazy("Dari waktu antre sampai dipanggil: sembilan dari sepuluh menunggu lebih singkat."),
        is_share=False,
        more_is_better=False,
    ),
    Indicator.WITHIN_STANDARD: Measure(
        gettext_lazy("orang"),
        gettext_lazy("orang dengan janji waktu"),
        gettext_lazy("Lama di loket tidak lebih dari janji standar yang berlaku hari itu."),
    ),
    Indicator.NO_SHOWS: Measure(
        gettext_lazy("nomor"),
        gettext_lazy("nomor dipanggil"),
        gettext_lazy("Nomor yang dipanggil dan tidak ada orangnya."),
        more_is_better=False,
    ),
    Indicator.QUOTA: Measure(
        gettext_lazy("tempat"),
        gettext_lazy("tempat tersedia"),
        gettext_lazy("Hanya antrean yang berkuota, semua bagiannya."),
        more_is_better=None,
    ),
}


@dataclass(frozen=True)
class Figure:
    """What was measured: the number, what it is compared with, and on how many cases it rests."""

    value: Decimal | None
    compared: Decimal | None
    cases: int


def percent(code: str, value: Decimal | None, compared: Decimal | None) -> Decimal | None:
    """Return the value in per cent of what it is a part of; None where that says nothing."""
    if not MEASURES[code].is_share or value is None or not compared:
        return None
    share = 100 * value / compared
    # Little is not nothing.
    return share.quantize(Decimal(1) if share >= 1 else Decimal("0.1"))


def in_percent(share: Decimal) -> str:
    """Return "82 %", never parted at the end of a line."""
    return f"{shown(share)}\N{NO-BREAK SPACE}%"


def shown(number: Decimal | None) -> str:
    """Return a number as people write it: "1.234", "7,5"; a dash for none."""
    if number is None:
        return "–"
    whole = number == number.to_integral_value()
    return number_format(number, decimal_pos=0 if whole else 1, use_l10n=True, force_grouping=True)


def sentence(code: str, value: Decimal | None, compared: Decimal | None) -> str:
    """Return the comparison in words: "dari 168 jam yang dijanjikan", "janji standar 15 menit"."""
    measure = MEASURES[code]
    if compared is None or value is None:
        return _("belum ada data")
    words = _("dari %(number)s %(what)s") if measure.is_share else _("dibanding %(number)s %(what)s")
    return words % {"number": shown(compared), "what": measure.against}
