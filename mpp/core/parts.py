"""Stored files as answers: whole, in the part that is asked for, or not again when they are known already.

Browsers of televisions play sound and video only from a server that gives parts (RFC 9110, section 14).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.core.files import File
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag

ONE_YEAR = 365 * 24 * 3600
PIECE = 64 * 1024
RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})")


def stored_file(request: HttpRequest, file: File[bytes], *, content_type: str, tag: str) -> HttpResponseBase:
    """Answer the opened `file`, which never changes under its address; `tag` names this version of it."""
    etag = quote_etag(tag)
    response = get_conditional_response(request, etag=etag) or _content(request, file, etag)
    if not response.streaming:
        file.close()
    response["Content-Type"] = content_type
    response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    # Compressed already; and a part of a compressed file is not that part compressed.
    response["Content-Encoding"] = "identity"
    patch_cache_control(response, public=True, max_age=ONE_YEAR, immutable=True)
    return response


def _content(request: HttpRequest, file: File[bytes], etag: str) -> HttpResponseBase:
    size = file.size
    is_asked = request.headers.get("If-Range", etag) == etag
    span = span_of(request.headers.get("Range", "") if is_asked else "", size)
    if span is None:
        return StreamingHttpResponse(_pieces(file, size), headers={"Content-Length": str(size)})
    first, last = span
    if first > last:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    file.seek(first)
    length = last - first + 1
    headers = {"Content-Range": f"bytes {first}-{last}/{size}", "Content-Length": str(length)}
    return StreamingHttpResponse(_pieces(file, length), status=206, headers=headers)


def span_of(header: str, size: int) -> tuple[int, int] | None:
    """Return the first and last byte asked for, None for no range or several; outside, the first is the
    larger."""
    found = RANGE.fullmatch(header.strip())
    if found is None or found[0] == "bytes=-":
        return None
    start, end = found.groups()
    if not start:
        return max(0, size - int(end)), size - 1
    return int(start), min(int(end or size), size - 1)


def _pieces(file: File[bytes], left: int) -> Iterator[bytes]:
    with file:
        while left > 0 and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece
