"""What somebody who looks for a service means by a file that was handed in: "ktp sudah jadi", a code."""

from __future__ import annotations

import re

from mpp.core.codes import CODE_CHARACTERS, normal_code
from services.models.submissions import CODE_LENGTH
from services.search import words_of

# Any of these sets of words, all of it.
ASKED = tuple(
    frozenset(words.split())
    for words in (
        "cek berkas",
        "lacak berkas",
        "status berkas",
        "kode berkas",
        "berkas saya",
        "berkas sudah",
        "sudah jadi",
        "sudah selesai",
        "belum jadi",
        "belum selesai",
        "kapan jadi",
        "kapan selesai",
        "tanda terima",
        "track file",
        "cek status",
    )
)
CODE = re.compile(rf"[{CODE_CHARACTERS}]{{{CODE_LENGTH}}}")


def is_about_files(query: str) -> bool:
    """Tell whether `query` asks how far a file has come."""
    said = {*words_of(query), *query.lower().split()}
    return any(words <= said for words in ASKED)


def code_in(query: str) -> str:
    """Return the code that `query` looks like, else ""; whether there is such a file is not looked at."""
    code = normal_code(query)
    has_figure = any(character.isdigit() for character in code)
    return code if has_figure and CODE.fullmatch(code) else ""
