"""Refusals: what the portal answers when a rule says no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Refusal(Exception):
    """A rule said no. Nothing was written.

    Arguments: `code`, a stable word for machines; `message`, Indonesian, says what to do;
    `status`, the HTTP status; `extra`, figures the caller may show.
    """

    def __init__(self, code: str, message: StrOrPromise, *, status: int = 409, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.status = status
        self.extra = extra

    def as_dict(self) -> dict[str, Any]:
        """Return the error body of the API: `{code, message, extra}`."""
        return {"code": self.code, "message": str(self.message), "extra": self.extra}


class NotFound(Refusal):
    """There is no such thing, or the asker may not know that there is (404)."""

    def __init__(self, message: StrOrPromise = _("Tidak ditemukan. Periksa lagi alamatnya.")) -> None:
        super().__init__("not_found", message, status=404)


class Forbidden(Refusal):
    """The asker is known, but this is not theirs to do (403)."""

    def __init__(self, message: StrOrPromise = _("Peran Anda tidak boleh melakukan ini.")) -> None:
        super().__init__("forbidden", message, status=403)
