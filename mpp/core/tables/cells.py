"""How one column of a table is read and written. Each kind refuses with words for the person."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext as _


class Text:
    """Text as it is, without blanks around it."""

    sample = ""

    def __init__(self, *, empty: Any = "", required: bool = False) -> None:
        self.empty = empty
        self.required = required

    def clean(self, value: Any, row: Mapping[str, Any] | None = None, **kwargs: Any) -> Any:
        """Return the value for the model; raises `ValueError` saying what to write instead."""
        text = str(value if value is not None else "").replace("\r\n", "\n").strip()
        if text:
            return self.read(text)
        if self.required:
            raise ValueError(_("wajib diisi."))
        return self.empty

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return the text for the file."""
        return "" if value is None else self.show(value)

    def permitted(self) -> list[str]:
        """Return every word that the column takes, to be chosen from; empty: there is no such list."""
        return []

    def hint(self) -> str:
        """Return how to write it, in a few words."""
        return _("teks")

    def read(self, text: str) -> Any:
        return text

    def show(self, value: Any) -> str:
        return str(value)


class WholeNumber(Text):
    """Digits only: no point, no blank, no sign."""

    sample = "1"

    def hint(self) -> str:
        return _("angka bulat tanpa titik")

    def read(self, text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text):
            raise ValueError(_("harus angka bulat tanpa titik, misalnya 25000."))
        return int(text)


class Amount(Text):
    """A number with at most two decimals, behind a comma or a point."""

    sample = "1"

    def hint(self) -> str:
        return _("angka, misalnya 25 atau 2,5")

    def read(self, text: str) -> Decimal:
        if not re.fullmatch(r"[0-9]{1,10}([.,][0-9]{1,2})?", text):
            raise ValueError(_("harus angka, misalnya 25 atau 2,5."))
        return Decimal(text.replace(",", "."))

    def show(self, value: Any) -> str:
        return f"{Decimal(value).normalize():f}"


class YesNo(Text):
    """1 or 0; words serve too."""

    WORDS = {"1": True, "ya": True, "0": False, "tidak": False}
    sample = "1"

    def permitted(self) -> list[str]:
        return ["1", "0"]

    def hint(self) -> str:
        return _("1 untuk ya, 0 untuk tidak")

    def read(self, text: str) -> bool:
        if text.lower() not in self.WORDS:
            raise ValueError(_("tulis 1 untuk ya atau 0 untuk tidak."))
        return self.WORDS[text.lower()]

    def show(self, value: Any) -> str:
        return "1" if value else "0"


class Day(Text):
    """A date as 2026-01-31."""

    sample = "2026-01-31"

    def hint(self) -> str:
        return _("tanggal seperti 2026-01-31")

    def read(self, text: str) -> date:
        try:
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        raise ValueError(_("“%(text)s” bukan tanggal. Tulis seperti 2026-01-31.") % {"text": _short(text)})

    def show(self, value: Any) -> str:
        return str(value.isoformat())


class Clock(Text):
    """A time of day as 08:00."""

    sample = "08:00"

    def hint(self) -> str:
        return _("jam seperti 08:00")

    def read(self, text: str) -> time:
        found = re.fullmatch(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])(?:[:.]00)?", text)
        if not found:
            raise ValueError(_("“%(text)s” bukan jam. Tulis seperti 08:00.") % {"text": _short(text)})
        return time(int(found[1]), int(found[2]))

    def show(self, value: Any) -> str:
        return f"{value:%H:%M}"


class Choice(Text):
    """One word of a list; what people call it serves too."""

    def __init__(
        self, choices: Sequence[tuple[Any, Any]], *, empty: Any = "", required: bool = False
    ) -> None:
        super().__init__(empty=empty, required=required)
        self.choices = choices
        self.words = {str(word): word for word, _label in choices}

    def permitted(self) -> list[str]:
        return [word for word in self.words if word]

    def hint(self) -> str:
        meant = [f"{word} = {label}" for word, label in self.choices if str(word) not in {"", str(label)}]
        return _("pilih satu: %(words)s") % {"words": "; ".join(meant or self.permitted())}

    @property
    def sample(self) -> str:  # type: ignore[override]
        return next(iter(self.permitted()), "")

    def read(self, text: str) -> Any:
        if text in self.words:
            return self.words[text]
        for word, label in self.choices:
            if text.lower() == str(label).lower():
                return word
        raise ValueError(
            _("“%(text)s” tidak ada dalam daftar: %(words)s.")
            % {"text": _short(text), "words": ", ".join(self.permitted())}
        )


class Choices(Choice):
    """Several words of a list, with commas between."""

    def hint(self) -> str:
        return _("beberapa, dengan koma: %(words)s") % {"words": ", ".join(self.permitted())}

    def read(self, text: str) -> Any:
        return [super(Choices, self).read(word.strip()) for word in text.split(",") if word.strip()]

    def show(self, value: Any) -> str:
        return ",".join(value)


class Code(Text):
    """The code of a row elsewhere; the value is its key. All codes are read once per file."""

    def __init__(self, model: type[models.Model], *, required: bool = False, name: str = "code") -> None:
        super().__init__(empty=None, required=required)
        self.model = model
        self.name = name
        # The rows that a code may mean; None: all.
        self.reached: models.QuerySet[Any] | None = None
        self._keys: dict[str, int] | None = None
        self._codes: dict[int, str] = {}

    @property
    def keys(self) -> dict[str, int]:
        """Return every code of the model with its key, of those that are reached."""
        if self._keys is None:
            rows = self.model._default_manager.all() if self.reached is None else self.reached
            self._keys = dict(rows.order_by().values_list(self.name, "pk"))
            self._codes = {key: code for code, key in self._keys.items()}
        return self._keys

    def permitted(self) -> list[str]:
        return sorted(self.keys)

    def hint(self) -> str:
        return _("kode dari tabel %(table)s") % {"table": str(self.model._meta.verbose_name_plural)}

    @property
    def sample(self) -> str:  # type: ignore[override]
        return next(iter(self.permitted()), "")

    def read(self, text: str) -> int:
        if text not in self.keys:
            raise ValueError(missing(self.model, text))
        return self.keys[text]

    def show(self, value: Any) -> str:
        return self._codes[value] if self.keys and value in self._codes else ""


class Codes(Code):
    """Codes with blanks or commas between; the value is the sorted list of their keys."""

    def __init__(self, model: type[models.Model]) -> None:
        super().__init__(model)
        self.empty: list[int] = []

    def hint(self) -> str:
        return _("beberapa, dengan spasi: %(hint)s") % {"hint": super().hint()}

    def read(self, text: str) -> Any:
        return sorted({super(Codes, self).read(code) for code in text.replace(",", " ").split()})

    def show(self, value: Any) -> str:
        return " ".join(sorted(super(Codes, self).show(key) for key in value))


def missing(model: type[models.Model], code: str) -> str:
    """Return the words for a code that names nothing."""
    name = str(model._meta.verbose_name).capitalize()
    return _("%(model)s “%(code)s” tidak ditemukan.") % {"model": name, "code": _short(code)}


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"


def for_field(field: models.Field[Any, Any]) -> Text:
    """Return the kind of cell that holds a value of this model field."""
    if isinstance(field, models.ForeignKey):
        return Code(field.related_model, required=not field.null)
    if isinstance(field, ArrayField):
        return Choices(field.base_field.choices or [], empty=[])
    empty: Any = None if field.null else field.get_default()
    required = not field.null and not field.has_default() and not field.blank
    if field.choices:
        return Choice(field.flatchoices, empty=empty, required=required)
    for kind, cell in _KINDS.items():
        if isinstance(field, kind):
            return cell(empty=empty, required=required)
    return Text(empty="" if empty is None and not field.null else empty, required=required)


_KINDS: dict[type[models.Field[Any, Any]], type[Text]] = {
    models.BooleanField: YesNo,
    models.DecimalField: Amount,
    models.IntegerField: WholeNumber,
    models.DateField: Day,
    models.TimeField: Clock,
}
