"""Hints: "this line changed". Sent after the commit; a lost hint costs two seconds."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping

from django.db import Error, connection, transaction

CHANNEL = "mpp_live"

logger = logging.getLogger(__name__)


def after_commit(versions: Mapping[int, int]) -> None:
    """Tell the live processes, once the transaction has committed, which lines changed to what version."""
    payload = json.dumps({str(key): version for key, version in versions.items()})
    transaction.on_commit(lambda: _notify(payload))


def _notify(payload: str) -> None:
    # The number is already safe: a failing hint must not turn the answer into an error.
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])
    except Error:
        logger.warning("Live hint not sent", exc_info=True)
