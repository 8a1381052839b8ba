"""Finding a service by the words that people use, with typing errors forgiven."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector, SearchVectorField
from django.db.models import F, Func
from rapidfuzz import fuzz, process, utils

from services.models import Service
from services.querysets import ServiceQuerySet

CONFIG = "indonesian"
# The rest of a longer text is not looked at.
MAX_CHARACTERS = 100
MAX_WORDS = 8
# WRatio of two wordings, 0 to 100. Measured on a mall's catalogue: typing errors in one word score 77
# and more, unrelated words 69 and less; an error in one of several words scores 95.
ALIKE = 75
NEARLY_THE_SAME = 90
MOST_ALIKE = 10
SPELLINGS = {"antrian": "antrean", "akte": "akta", "ijin": "izin"}
# Words of a question, not of a service.
FILLERS = frozenset(
    {"apa", "bagaimana", "biaya", "cara", "di", "dimana", "gimana", "ingin", "ke", "mana", "mau"}
    | {"mengurus", "minta", "mohon", "saya", "syarat", "tolong", "urus"}
)


def search(query: str, queryset: ServiceQuerySet) -> list[Service]:
    """Return the services of `queryset` that fit `query`, best first; all of them for an empty one.

    Any text is safe: only its letters and digits are used. Rows with every word; when there are
    none, names that are nearly the same, then rows with some of the words; when there are none
    either, names that look alike.
    """
    words = words_of(query)
    if not words:
        return list(queryset) if not query.strip() else []
    if exact := _containing(queryset, words, " & "):
        return exact
    text = " ".join(words)
    if len(words) > 1:
        close = [*_alike(queryset, text, NEARLY_THE_SAME), *_containing(queryset, words, " | ")]
        if close:
            return list(dict.fromkeys(close))
    return _alike(queryset, text, ALIKE)


def words_of(query: str) -> list[str]:
    """Return the words to look for: lower case, in today's spelling, without those of a question."""
    found = re.findall(r"[^\W_]+", query[:MAX_CHARACTERS].lower())[:MAX_WORDS]
    words = [SPELLINGS.get(word, word) for word in found]
    return [word for word in words if word not in FILLERS] or words


def _containing(queryset: ServiceQuerySet, words: list[str], operator: str) -> list[Service]:
    """Return the rows with all or some of the words; the last one may still be incomplete."""
    *complete, last = words
    terms = operator.join([*complete, f"{last}:*"])
    query = SearchQuery(terms, config=CONFIG, search_type="raw")
    rows = queryset.annotate(text=_text_with_agency()).filter(text=query)
    return list(
        rows.annotate(rank=SearchRank(F("text"), query)).order_by("-rank", "agency__position", "position")
    )


def _text_with_agency() -> Func:
    """Return the service's words joined with its agency's names: people also type "samsat"."""
    agency = SearchVector("agency__short_name", "agency__name", config=CONFIG, weight="B")
    return Func(
        F("search"), agency, template="(%(expressions)s)", arg_joiner=" || ", output_field=SearchVectorField()
    )


def _alike(queryset: ServiceQuerySet, text: str, least: int) -> list[Service]:
    """Return the services with a name or everyday words that are like `text` by `least` or more."""
    services = list(queryset)
    choices = {
        (place, number): wording
        for place, service in enumerate(services)
        for number, wording in enumerate(_wordings(service))
    }
    matches = process.extract(
        text, choices, scorer=fuzz.WRatio, processor=utils.default_process, score_cutoff=least, limit=None
    )
    places = dict.fromkeys(place for _wording, _score, (place, _number) in matches)
    return [services[place] for place in places][:MOST_ALIKE]


def _wordings(service: Service) -> Iterator[str]:
    yield service.name
    yield from (alias.strip() for alias in service.aliases.split(";") if alias.strip())
