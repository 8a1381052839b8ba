"""What a page keeps showing: a range follows the clock and changes only for a reason that has a name.

What was shown is kept in the cache. Without it (Redis away) every range is simply the newest one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from django.core.cache import cache
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from queueing.estimating import Cause, Facts, Range, Shown, show, visible
from queueing.policy import Estimate

# A number lives for a day at most.
KEPT_SECONDS = 24 * 60 * 60
# So long the reason stays beside the range.
TOLD_MINUTES = 10

WORDS: Mapping[str, Promise | str] = {
    Cause.TROUBLE: _("Perkiraan mundur: sedang ada gangguan."),
    Cause.TROUBLE_OVER: _("Perkiraan maju: gangguan selesai."),
    Cause.COUNTER_CLOSED: _("Perkiraan mundur: satu loket tutup."),
    Cause.COUNTER_OPENED: _("Perkiraan maju: satu loket dibuka."),
    Cause.BREAK: _("Perkiraan mundur: petugas beristirahat."),
    Cause.BREAK_OVER: _("Perkiraan maju: petugas kembali."),
    Cause.EXPRESS_ARRIVED: _("Perkiraan mundur: ada yang didahulukan."),
    Cause.JOINED_AHEAD: _("Perkiraan mundur: ada yang masuk di depan Anda."),
    Cause.LEFT_AHEAD: _("Perkiraan maju: ada yang batal di depan Anda."),
    Cause.SLOWER: _("Perkiraan mundur: layanan lebih lama dari biasanya."),
    Cause.FASTER: _("Perkiraan maju: layanan lebih cepat dari biasanya."),
}


def steadied(
    fresh: Mapping[int, tuple[Estimate | None, Facts]], at: float
) -> dict[int, tuple[Estimate | None, str]]:
    """Return for each number (by key) the range to show at minute `at`, and why it has just changed, or "".

    `fresh` are the newest ranges with the facts behind them.
    """
    keys = {number: f"shown:{number}" for number in fresh}
    kept = cache.get_many(keys.values())
    told: dict[int, tuple[Estimate | None, str]] = {}
    to_keep = {}
    for number, (guess, facts) in fresh.items():
        before = kept.get(keys[number])
        earlier = _read(before) if before else None
        new = Range(guess.low_minutes, guess.high_minutes) if guess else None
        shown, cause = show(earlier, new, facts, at)
        if shown is not earlier:
            to_keep[keys[number]] = _written(shown, cause)
        elif before:
            cause = Cause(before["cause"]) if before["cause"] and at - before["at"] < TOLD_MINUTES else None
        seen = visible(shown, at)
        words = str(WORDS[cause]) if cause and seen else ""
        told[number] = Estimate(seen.low, seen.high) if seen else None, words
    if to_keep:
        cache.set_many(to_keep, timeout=KEPT_SECONDS)
    return told


def _written(shown: Shown, cause: Cause | None) -> dict[str, object]:
    bounds = [shown.range.low, shown.range.high] if shown.range else None
    return {
        "range": bounds,
        "at": shown.at,
        "facts": asdict(shown.facts),
        "cause": cause.value if cause else "",
    }


def _read(kept: Mapping[str, object]) -> Shown:
    bounds, facts, at = kept["range"], kept["facts"], kept["at"]
    found = Range(*bounds) if isinstance(bounds, list) else None
    return Shown(found, float(str(at)), Facts(**facts))  # type: ignore[arg-type]
