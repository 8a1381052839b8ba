"""The mall's own row, read often and changed rarely; its emblem and its photo."""

from __future__ import annotations

from enum import Enum
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from mpp.core import audit, pictures, revision
from mpp.core.errors import Refusal
from mpp.core.models import Mall

_mall: revision.Memory[str, Mall | None] = revision.Memory(lambda _key: Mall.objects.filter(pk=1).first())


def remembered() -> Mall | None:
    """Return the mall from memory, or None before it is set up; nobody may change it."""
    return _mall.get(revision.at_entry().revision, "")


def current() -> Mall:
    """Return the mall, or raise `Refusal` (503) when the portal has not been set up yet."""
    mall = Mall.objects.filter(pk=1).first()
    if mall is None:
        raise Refusal(
            "not_set_up",
            _("Portal belum disiapkan. Jalankan: manage.py load_mall <nama paket>."),
            status=503,
        )
    return mall


def current_of(request: HttpRequest) -> Mall:
    """Return the mall of this request (MallMiddleware) on a page that is not shown without one."""
    return getattr(request, "mall", None) or current()


class PictureKind(Enum):
    """A picture that the mall shows; the value is its column."""

    EMBLEM = "emblem"
    PHOTO = "photo"


def change_picture(*, kind: PictureKind, files: pictures.Files, by: Any) -> None:
    """Show these sizes from now on, or no such picture without `files`; the old ones are deleted."""
    new = pictures.keep(files) if files else ""
    with transaction.atomic():
        mall = Mall.objects.select_for_update().get(pk=1)
        old = getattr(mall, kind.value)
        setattr(mall, kind.value, new)
        mall.save(update_fields=[kind.value])
        audit.record("mall.picture", by=by, target=kind.value, is_shown=bool(new))
        transaction.on_commit(lambda: pictures.drop(old))
