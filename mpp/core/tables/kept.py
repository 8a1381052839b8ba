"""What is kept for half an hour between preview and confirmation, where every process finds it."""

from __future__ import annotations

import json
from typing import Any

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export.tmp_storages import BaseStorage

from mpp.core import tokens

SECONDS = 1800
PREVIEW = "import-preview-"
MISTAKES = "import-mistakes-"


def keep(kind: str, data: Any) -> str:
    """Keep plain data; return the unguessable name by which `kept` finds it."""
    name = tokens.new_nonce()
    cache.set(f"{kind}{name}", json.dumps(data), SECONDS)
    return name


def kept(kind: str, name: str) -> Any:
    """Return what was kept; raises `ValidationError` when its time is over."""
    data = cache.get(f"{kind}{name}")
    if data is None:
        raise ValidationError(_("Pratinjau ini sudah kedaluwarsa. Unggah berkasnya lagi."))
    return json.loads(data)


def forget(kind: str, name: str) -> None:
    """Let go of it."""
    cache.delete(f"{kind}{name}")


class PreviewStorage(BaseStorage):
    """The library's door to it."""

    def save(self, data: Any) -> None:
        self.name = keep(PREVIEW, data)

    def read(self) -> str:
        return json.dumps(kept(PREVIEW, str(self.name)))

    def remove(self) -> None:
        forget(PREVIEW, str(self.name))
