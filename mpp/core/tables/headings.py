"""Which column of a table each title of a file means, and what to do about the others."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from mpp.core.tables.resources import TableResource

MARKS = "*:"


@dataclass
class Match:
    """Title in the file → name of the column; and what is wrong with the titles."""

    names: dict[str, str] = field(default_factory=dict)
    trouble: list[str] = field(default_factory=list)


def match(resource: type[TableResource], titles: list[str], needed: Collection[str]) -> Match:
    """Find the column of each title: by its Indonesian name or its field's, in any order.

    `needed` must all be there.
    """
    known = _known(resource)
    found = Match()
    taken: set[str] = set()
    for title in titles:
        name = known.get(_plain(title))
        if name is None:
            found.trouble.append(_unknown(resource, title, known))
        elif name in taken:
            found.trouble.append(_("Kolom “%(name)s” tertulis dua kali.") % {"name": title[:40]})
        else:
            taken.add(name)
            found.names[title] = name
    for name in needed:
        if name not in taken:
            words = _("Kolom “%(name)s” tidak ada. Tambahkan kolom itu, atau pakai berkas templat.")
            found.trouble.append(words % {"name": _spoken(resource, name, titles)})
    return found


def _known(resource: type[TableResource]) -> dict[str, str]:
    """Return the column of each title: a file in Indonesian is welcome on an English page too."""
    known: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            known |= {_plain(resource.title(name)): name for name in resource.columns}
    return known | {_plain(name): name for name in resource.columns}


def _plain(title: str) -> str:
    return " ".join(title.strip(MARKS + " ").lower().split())


def _unknown(resource: type[TableResource], title: str, known: dict[str, str]) -> str:
    words = _("Kolom “%(name)s” tidak dikenal.") % {"name": title[:40]}
    near = difflib.get_close_matches(_plain(title)[:80], known, n=1)
    if near:
        name = resource.title(known[near[0]])
        return f"{words} " + _("Mungkin maksudnya “%(name)s”: ganti judulnya.") % {"name": name}
    return f"{words} " + _("Hapus kolom itu, atau beri judul dari berkas templat.")


def _spoken(resource: type[TableResource], name: str, titles: list[str]) -> str:
    """Return the column in the language of the file: fields' names when most titles are such."""
    plain = [_plain(title) for title in titles]
    by_name = sum(_plain(column) in plain for column in resource.columns)
    by_title = sum(_plain(resource.title(column)) in plain for column in resource.columns)
    return name if by_name >= by_title else resource.title(name)
