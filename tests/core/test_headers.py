"""What a browser may do with each answer (trust.md S-028, H-01)."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.conftest import Place

OWN = "script-src 'self'; style-src 'self';"
# Unfold's Alpine, in the admin alone.
WIDER = "script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline';"


@pytest.mark.parametrize(
    ("path", "status", "scripts"),
    [
        ("/", 200, OWN),
        ("/layanan", 301, OWN),
        ("/t/tidak-ada/", 404, OWN),
        ("/administrasi/", 404, OWN),
        ("/api/v1/services/", 200, OWN),
        ("/static/js/live.js", 200, OWN),
        ("/admin/", 302, WIDER),
    ],
)
def test_every_answer_says_what_a_page_may_load(
    client: Client, place: Place, path: str, status: int, scripts: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer["Content-Security-Policy"] == (
        f"default-src 'none'; {scripts} img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; worker-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'; object-src 'none'"
    )
