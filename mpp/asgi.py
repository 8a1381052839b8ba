"""One application: `/live/` streams as raw ASGI, everything else through a bounded pool of WSGI threads.

Django's own ASGI handler is several times slower and spends a thread per open stream
(docs/decisions/0002-one-asgi-two-worlds.md).
"""

from __future__ import annotations

from typing import Any, cast

from a2wsgi import WSGIMiddleware

from mpp.wsgi import application as pages  # sets Django up before the feed's models are imported

from mpp.live.hub import Hub  # isort: skip
from mpp.live.stream import LiveApplication, Receive, Scope, Send  # isort: skip
from queueing.live import QueueFeed  # isort: skip

WSGI_THREADS = 8

# a2wsgi's types know the letter of PEP 3333, which Django's response does not spell out.
_pages: Any = WSGIMiddleware(cast(Any, pages), workers=WSGI_THREADS)
_hub: Hub | None = None


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Route one connection."""
    global _hub
    if _hub is None:
        _hub = Hub(QueueFeed())
    if scope["type"] == "lifespan":
        await _lifespan(_hub, receive, send)
    elif scope["type"] == "http" and scope["path"].startswith("/live/"):
        await LiveApplication(_hub)(scope, receive, send)
    elif scope["type"] == "http":
        await _pages(scope, receive, send)


async def _lifespan(hub: Hub, receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await hub.start()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await hub.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return
