"""Pictures and videos for the displays: from our own address, as what they are, in pieces when asked."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.contrib.auth.decorators import login_not_required
from django.core.files import File
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mpp.core.errors import NotFound
from queueing.models import Medium

ONE_YEAR = 365 * 24 * 3600
PIECE = 64 * 1024
RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})")


@login_not_required
@require_safe
def medium(request: HttpRequest, key: str) -> HttpResponseBase:
    """Answer one file, or the part of it that a television asks for (RFC 9110, section 14)."""
    row = Medium.objects.filter(file=f"screens/{key}").first()
    if row is None:
        raise NotFound(_("Gambar atau video ini sudah dihapus."))
    span = _span(request.headers.get("Range", ""), row.size)
    if span is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{row.size}"})
    first, last = span
    try:
        file = row.file.open("rb")
    except FileNotFoundError as error:
        raise NotFound(_("Gambar atau video ini sudah dihapus.")) from error
    file.seek(first)
    is_part = (first, last) != (0, row.size - 1)
    response = StreamingHttpResponse(
        _pieces(file, last - first + 1), status=206 if is_part else 200, content_type=row.content_type
    )
    if is_part:
        response["Content-Range"] = f"bytes {first}-{last}/{row.size}"
    response["Content-Length"] = str(last - first + 1)
    response["Accept-Ranges"] = "bytes"
    # Compressed already; and a part of a compressed file is not that part compressed.
    response["Content-Encoding"] = "identity"
    patch_cache_control(response, public=True, max_age=ONE_YEAR, immutable=True)
    return response


def _span(header: str, size: int) -> tuple[int, int] | None:
    """Return the first and last byte asked for; all of it for no range or several, None for one outside."""
    found = RANGE.fullmatch(header.strip())
    if found is None or found[0] == "bytes=-":
        return 0, size - 1
    start, end = found.groups()
    if not start:
        return max(0, size - int(end)), size - 1
    first, last = int(start), min(int(end or size), size - 1)
    return (first, last) if first <= last else None


def _pieces(file: File[bytes], left: int) -> Iterator[bytes]:
    with file:
        while left > 0 and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece
