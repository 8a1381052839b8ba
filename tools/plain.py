"""How plain the citizens' Indonesian is: `python -m tools.plain` says how long sentences are.

Who reads slowly keeps fourteen words in mind: the mean must not be over that, and no sentence is either.
Only sentences count: a word on a button would make the mean better than it is.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import mean

from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
MOST_WORDS = 14
LEAST_WORDS = 4
CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
# Read by officers and managers, who learn their words.
STAFF = ("console", "floor", "lacking", "paper", "checkin_staff")
# What citizens are told by code: refusals, states, forms, messages.
MODULES = (
    "mpp/core/errors.py",
    "mpp/core/text.py",
    "mpp/core/views.py",
    "mpp/core/phones.py",
    "queueing/access.py",
    "queueing/actions/booking.py",
    "queueing/actions/checkin.py",
    "queueing/actions/consenting.py",
    "queueing/actions/going_first.py",
    "queueing/actions/issuing.py",
    "queueing/actions/postponing.py",
    "queueing/actions/slots.py",
    "queueing/actions/standing.py",
    "queueing/actions/wishing.py",
    "queueing/availability.py",
    "queueing/booking_forms.py",
    "queueing/booking_words.py",
    "queueing/bookings.py",
    "queueing/choosing.py",
    "queueing/forms.py",
    "queueing/known.py",
    "queueing/lost.py",
    "queueing/openness.py",
    "queueing/panels.py",
    "queueing/persons.py",
    "queueing/ticket_words.py",
    "queueing/tiles.py",
    "queueing/told_forms.py",
    *(
        f"queueing/views/{name}.py"
        for name in ("booking", "filed", "first", "privacy", "take", "ticket", "told", "visit", "wish")
    ),
)
# Words of offices and of computers, spellings that the dictionary does not know, and how nobody is spoken to.
UNKIND = re.compile(
    r"(?<![\w-])(?:"
    r"antrian|apabila|bahwasanya|browser|dilakukan|dimaksud|download|dst|email|error|"
    r"guna|hp|implementasi|input|invalid|kamu|klik|link|login|logout|mekanisme|"
    r"merupakan|offline|ok|online|otentikasi|pemohon|prosedur|real-time|refresh|"
    r"registrasi|sebagaimana|sehubungan|server|sesi|session|silahkan|smartphone|submit|"
    r"terkait|tersebut|token|unggah|upload|user|valid|verifikasi|website"
    r")(?![\w-])|!",
    re.IGNORECASE,
)
EVENTS = "mpp/notifications/events.py"
BLANK = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}|%%")
TAG = re.compile(r"<[^>]*>")
WORD = re.compile(r"[^\W_]+(?:[-.,’'/][^\W_]+)*")
# A string as `templatize` writes it.
STRING = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
END = re.compile(r"(?<=[.?!:])\s+|\n+")


def texts_of_template(path: Path) -> set[str]:
    """Return the texts of a template that are marked for translation."""
    python = templatize(path.read_text("utf-8"))
    # What stands before the text of `pgettext` tells two meanings apart; nobody reads it.
    found = re.findall(rf"\bn?(?:gettext\(|pgettext\(u?{STRING},\s*)u?({STRING})", python)
    return {str(ast.literal_eval(text)) for text in found}


def texts_of_module(path: Path) -> set[str]:
    """Return the texts of a module that are marked for translation."""
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    firsts = [call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id in CALLS]
    return {str(first.value) for first in firsts if isinstance(first, ast.Constant)}


def citizens_texts() -> set[str]:
    """Return everything that a citizen may read in Indonesian and that is the portal's own."""
    folder = ROOT / "templates"
    templates = [
        path
        for path in (
            *folder.glob("*.html"),
            *folder.glob("components/*.html"),
            *folder.glob("queueing/**/*.html"),
        )
        if not path.name.startswith(STAFF)
    ]
    found = [texts_of_template(path) for path in templates]
    found += [texts_of_module(ROOT / name) for name in MODULES]
    return set().union(*found, _messages())


def _messages() -> set[str]:
    """Return the Indonesian of every message; its English stands beside it."""
    tree = ast.parse((ROOT / EVENTS).read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    events = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "_event"]
    return {str(text.value) for event in events for text in event.args[2:3] if isinstance(text, ast.Constant)}


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text: four words or a full stop make one."""
    for part in END.split(text):
        words = words_of(part)
        if words and (len(words) >= LEAST_WORDS or part.rstrip().endswith((".", "?", "!"))):
            yield part.strip()


def words_of(sentence: str) -> list[str]:
    """Return its words; a blank to be filled counts as one."""
    return WORD.findall(BLANK.sub("isian", TAG.sub(" ", sentence)))


def too_long(found: Iterable[str]) -> list[str]:
    """Return the sentences that are longer than they may be."""
    return [each for each in found if len(words_of(each)) > MOST_WORDS]


def unkind(texts: Iterable[str]) -> list[str]:
    """Return the texts with a word that people at the door do not use, or with an exclamation mark."""
    return [text for text in texts if UNKIND.search(BLANK.sub("", TAG.sub(" ", text)))]


def main() -> int:
    """Print the mean and what is too long; return 1 when there is any."""
    found = sorted({each for text in citizens_texts() for each in sentences(text)})
    average = mean(len(words_of(each)) for each in found)
    print(f"{len(found)} sentences, {average:.1f} words on average.")
    for each in too_long(found):
        print(f"{len(words_of(each))} words: {each}")
    return 1 if too_long(found) else 0


if __name__ == "__main__":
    settings.configure(USE_I18N=True)
    sys.exit(main())
