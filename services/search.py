"""Finding a service by the words that people use, with typing errors forgiven."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeVar

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector, SearchVectorField
from django.db.models import F, Func, OuterRef, Subquery
from rapidfuzz import fuzz, process, utils

from mpp.core import revision
from services.models import Question, Service, ServiceStandard, Synonym
from services.querysets import ServiceQuerySet

CONFIG = "indonesian"
# The rest of a longer text is not looked at.
MAX_CHARACTERS = 100
MAX_WORDS = 8
# WRatio of two wordings, 0 to 100. Measured on a mall's catalogue: typing errors in one word score 77
# and more, unrelated words 69 and less; an error in one of several words scores 95.
ALIKE = 75
NEARLY_THE_SAME = 90
# Good enough for a question back: "Maksud Anda …?"
PERHAPS = 68
MOST_ALIKE = 10
MOST_NAMED = 4
MOST_ANSWERS = 2
SPELLINGS = {"antrian": "antrean", "akte": "akta", "ijin": "izin"}
# Words of a question, not of a service.
FILLERS = frozenset(
    {"apa", "bagaimana", "biaya", "cara", "di", "dimana", "gimana", "ingin", "ke", "mana", "mau"}
    | {"mengurus", "minta", "mohon", "saya", "syarat", "tolong", "urus"}
)

Row = TypeVar("Row")
# Each word with what it may mean; any of them will do.
Meanings = Sequence[Sequence[str]]

_synonyms: revision.Memory[str, Mapping[str, str]] = revision.Memory(
    lambda _key: dict(Synonym.objects.values_list("word", "means"))
)


def search(query: str, queryset: ServiceQuerySet) -> list[Service]:
    """Return the services of `queryset` that fit `query`, best first; all of them for an empty one.

    Any text is safe: only its letters and digits are used. Rows with every word; when there are
    none, names that are nearly the same, then rows that ask for papers so called, then rows with some
    of the words; when there are none either, names that look alike.
    """
    instant = revision.at_entry()
    meanings = meanings_of(words_of(query), _synonyms.get(instant.revision, ""))
    if not meanings:
        return list(queryset) if not query.strip() else []
    if exact := _containing(queryset, meanings, " & "):
        return exact
    text = " ".join(means[-1] for means in meanings)
    close = _asking_for(queryset, meanings, instant.day)
    if len(meanings) > 1:
        nearly = _alike(queryset, text, NEARLY_THE_SAME)
        close = [*nearly, *close, *_containing(queryset, meanings, " | ")]
    return list(dict.fromkeys(close)) or _alike(queryset, text, ALIKE)


def words_of(query: str) -> list[str]:
    """Return the words to look for: lower case, in today's spelling, without those of a question."""
    found = re.findall(r"[^\W_]+", query[:MAX_CHARACTERS].lower())[:MAX_WORDS]
    words = [SPELLINGS.get(word, word) for word in found]
    return [word for word in words if word not in FILLERS] or words


def meanings_of(words: Iterable[str], synonyms: Mapping[str, str]) -> Meanings:
    """Return each word with what it means here; without the words that mean nothing, if others are left."""
    words = list(words)
    said = [word for word in words if synonyms.get(word, word)] or words
    return [list(dict.fromkeys([word, synonyms.get(word) or word])) for word in said]


def _containing(queryset: ServiceQuerySet, meanings: Meanings, operator: str) -> list[Service]:
    """Return the rows with all or some of the words; the last one may still be incomplete."""
    query = _ts_query(meanings, operator)
    rows = queryset.annotate(text=_joined(F("search"), *_agency_vectors())).filter(text=query)
    return list(
        rows.annotate(rank=SearchRank(F("text"), query)).order_by("-rank", "agency__position", "position")
    )


def _asking_for(queryset: ServiceQuerySet, meanings: Meanings, day: date) -> list[Service]:
    """Return the rows that have every word in their name or in what one has to bring."""
    standards = ServiceStandard.objects.in_force(day).filter(service=OuterRef("pk"))
    papers = SearchVector(Subquery(standards.values("requirements")[:1]), config=CONFIG, weight="D")
    query = _ts_query(meanings, " & ")
    rows = queryset.annotate(text=_joined(F("search"), papers)).filter(text=query)
    return list(rows.order_by("agency__position", "position")[:MOST_ALIKE])


def _ts_query(meanings: Meanings, operator: str) -> SearchQuery:
    *complete, last = meanings
    terms = [_term(word) for word in complete] + [_term(last, ":*")]
    return SearchQuery(operator.join(terms), config=CONFIG, search_type="raw")


def _term(word: Iterable[str], ending: str = "") -> str:
    """Return "(ulah | (buat & baru))": what one word may mean."""
    parts = (re.findall(r"[^\W_]+", means) for means in word)
    return "(" + " | ".join("(" + " & ".join(part) + ending + ")" for part in parts if part) + ")"


def _agency_vectors() -> list[SearchVector]:
    """Return the agency's names as words: people also type "samsat"."""
    return [SearchVector("agency__short_name", "agency__name", config=CONFIG, weight="B")]


def _joined(*vectors: F | SearchVector) -> Func:
    return Func(*vectors, template="(%(expressions)s)", arg_joiner=" || ", output_field=SearchVectorField())


def _alike(services: Iterable[Service], text: str, least: int) -> list[Service]:
    """Return the services with a name or everyday words that are like `text` by `least` or more."""
    services = list(services)
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
    yield from phrases_of(service.aliases)


def phrases_of(aliases: str) -> list[str]:
    """Return everyday words as they stand between the semicolons."""
    return [phrase.strip() for phrase in aliases.split(";") if phrase.strip()]


def perhaps_meant(query: str, services: Iterable[Service]) -> list[str]:
    """Return up to three wordings of the catalogue that look a little like `query`."""
    wordings = dict.fromkeys(wording for service in services for wording in _wordings(service))
    matches = process.extract(
        " ".join(words_of(query)),
        list(wordings),
        scorer=fuzz.WRatio,
        processor=utils.default_process,
        score_cutoff=PERHAPS,
        limit=3,
    )
    return [wording for wording, _score, _place in matches]


def named(query: str, rows: Iterable[Row], name_of: Callable[[Row], str]) -> list[Row]:
    """Return the first rows in whose name every word of `query` stands."""
    words = set(words_of(query))
    return [one for one in rows if words and words <= _words_in(name_of(one))][:MOST_NAMED]


def questions_about(query: str, questions: Iterable[Question]) -> list[Question]:
    """Return the first questions of which some everyday words are all in `query`."""
    words = set(words_of(query))
    about = [
        one
        for one in questions
        if any((said := _words_in(phrase)) and said <= words for phrase in phrases_of(one.aliases))
    ]
    return about[:MOST_ANSWERS]


def _words_in(text: str) -> set[str]:
    return {SPELLINGS.get(word, word) for word in re.findall(r"[^\W_]+", text.lower())}
