"""The file that was handed in on a number: for its holder's page, the console and the slip."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from mpp.core.errors import Refusal
from mpp.core.net import client_address
from queueing import limits, notifications
from queueing.enums import Outcome
from queueing.models import Ticket
from services.access import find_submission
from services.models import Submission
from services.querysets import SubmissionQuerySet

# A hall behind one address asks so often; who guesses finds one of five thousand files in two months.
TRIES, TRIES_SECONDS = 60, 60


def files_of(ticket: Ticket) -> SubmissionQuerySet:
    """Return the file of this number, if there is one that its code still leads to."""
    return Submission.objects.known().filter(origin=notifications.holder_of(ticket))


def file_of(ticket: Ticket) -> Submission | None:
    """Return the file of this number: no query for the many that ended otherwise."""
    return files_of(ticket).first() if ticket.outcome == Outcome.FILE_RECEIVED else None


def look_up(request: HttpRequest, code: str) -> Submission:
    """Return the file of a citizen's code; raise `NotFound`, always in the same words, or `Refusal` (429)."""
    if limits.times(f"file:{client_address(request)}", seconds=TRIES_SECONDS) > TRIES:
        message = _("Terlalu banyak kode dicoba dari jaringan ini. Coba lagi satu menit lagi.")
        raise Refusal("throttled", message, status=429)
    return find_submission(code)
