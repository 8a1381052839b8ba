"""Making texts fit the kiosk by layout: smaller steps and fewer words, never three dots.

Widths are in characters of the narrower of the two orientations, measured on Inter at each step.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap

# Where a text may end and still be a whole: after an item or a sentence.
ENDS = re.compile(r"[,;.] ")


@dataclass(frozen=True)
class Step:
    """A size of type: its class, how many characters a line holds, how many lines it may take."""

    name: str
    width: int
    lines: int


TILE_STEPS = (Step("", 15, 1), Step("long", 16, 2), Step("longer", 18, 3), Step("longest", 21, 4))
# A service with minutes, or with people, leaves its name more room than one with a state in words; the widest
# are "menunggu" and "120–150".
ROW_STEPS = (Step("", 22, 1), Step("long", 24, 2), Step("longer", 27, 3), Step("longest", 31, 4))
STATE_ROW_STEPS = (Step("", 18, 1), Step("long", 20, 2), Step("longer", 21, 3), Step("longest", 25, 4))


def step_of(text: str, steps: tuple[Step, ...]) -> int:
    """Return the place of the first step at which `text` fits; of the last when none is small enough."""
    return next((place for place, step in enumerate(steps) if fits(text, step)), len(steps) - 1)


def fits(text: str, step: Step) -> bool:
    """Tell whether `text` can be set at `step` without a word that is wider than a line."""
    lines = wrap(text, step.width, break_long_words=False)
    return len(lines) <= step.lines and all(len(line) <= step.width for line in lines)


def shorter(text: str) -> Iterator[str]:
    """Yield `text`, then ever fewer of its items or sentences, each a whole; "" at last."""
    yield text
    for match in reversed(list(ENDS.finditer(text))):
        yield text[: match.start()]
    yield ""


def fitting(text: str, step: Step) -> str:
    """Return as many whole items or sentences of `text` as `step` has room for."""
    return next(words for words in shorter(text) if not words or fits(words, step))
