"""Pictures and videos for the displays: from our own address, as what they are."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mpp.core.errors import NotFound
from mpp.core.parts import stored_file
from queueing.models import Medium


@login_not_required
@require_safe
def medium(request: HttpRequest, key: str) -> HttpResponseBase:
    """Answer one file, or the part of it that a television asks for; its address is new with each upload."""
    row = Medium.objects.filter(file=f"screens/{key}").first()
    try:
        if row is not None:
            return stored_file(request, row.file.open("rb"), content_type=row.content_type, tag=key)
    except FileNotFoundError:
        pass
    raise NotFound(_("Gambar atau video ini sudah dihapus."))
