"""Where a fault strikes inside the web process; only tests.faults.settings knows of it."""

from __future__ import annotations

import os
import signal

from django.http import HttpRequest, HttpResponseBase
from django.urls import get_resolver

from mpp.core.middleware import Handler

HEADER = "X-Fault"
DIE = "die-before-the-answer"
# Each strike leaves the key of its request and the status that was about to be sent.
NOTES = "FAULT_NOTES"


class DieBeforeTheAnswer:
    """kill -9 of this process, when the request asks for it, between COMMIT and answer."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        # Read before the fork, so that a worker that is killed two hundred times is soon there again.
        get_resolver().reverse_dict  # noqa: B018

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.headers.get(HEADER) == DIE:
            notes = os.open(os.environ[NOTES], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.write(notes, f"{request.headers['Idempotency-Key']} {response.status_code}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)
        return response
