"""`/live/…` as raw ASGI: no middleware, no ORM, no thread per stream."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from django.db import Error

from mpp.core.text import has_control
from mpp.live.channels import may_watch
from mpp.live.hub import Hub, Watcher

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

HEARTBEAT_SECONDS = {"display": 5.0} | dict.fromkeys(("now", "ticket", "visit", "console", "floor"), 15.0)
LIFETIME_SECONDS = 600.0
SEND_SECONDS = 30.0
RETRY_MS = (1000, 5000)
# What a page watches has become another: it need not wait as if the server had gone.
AGAIN_MS = (200, 1000)
MOST_STREAMS = 5000

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'"),
]
BEAT = b"event: beat\ndata: {}\n\n"


class LiveApplication:
    """Answers `GET /live/<kind>/<name>/` with a stream of states."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await self.hub.start()
        kind, name, key = _address(scope)
        if scope["method"] != "GET":
            return await _refuse(send, 405, "method_not_allowed", "Aliran ini hanya dibaca.")
        if kind not in HEARTBEAT_SECONDS or not name or has_control(name):
            return await _refuse(send, 404, "not_found", "Tidak ditemukan.")
        if not may_watch(kind, name, key):
            return await _refuse(send, 403, "forbidden", "Masuk lagi untuk melihat halaman ini.")
        if self.hub.watcher_count >= MOST_STREAMS:
            return await _refuse(send, 503, "busy", "Terlalu banyak sambungan. Muat ulang sebentar lagi.")
        try:
            watcher = await self.hub.subscribe(kind, name)
        except Error:
            return await _refuse(
                send, 503, "unavailable", "Basis data tidak menjawab. Coba lagi sebentar lagi."
            )
        if watcher is None:
            return await _refuse(send, 404, "not_found", "Tidak ditemukan.")
        try:
            await self._stream(watcher, HEARTBEAT_SECONDS[kind], receive, send)
        finally:
            self.hub.leave(watcher)

    async def _stream(self, watcher: Watcher, heartbeat: float, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        writing = asyncio.create_task(self._write(watcher, heartbeat, send))
        gone = asyncio.create_task(_until_disconnect(receive))
        try:
            await asyncio.wait({writing, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (writing, gone):
                task.cancel()
            await asyncio.gather(writing, gone, return_exceptions=True)

    async def _write(self, watcher: Watcher, heartbeat: float, send: Send) -> None:
        """Send states and heartbeats until the stream is old; the page then opens a new one."""
        # A restarted server must not find a whole hall at its door in one moment.
        await _retry(send, RETRY_MS)
        end = time.monotonic() + LIFETIME_SECONDS
        while time.monotonic() < end and not watcher.has_ended:
            try:
                # Not `wait_for`: until Python 3.12 it loses a cancel that comes together with the news, and
                # the stream of somebody who has left would stay until it is old.
                async with asyncio.timeout(heartbeat):
                    await watcher.news.wait()
            except TimeoutError:
                # No heartbeat for what may be wrong: the page then shows how old its state is.
                if self.hub.is_truthful:
                    await _body(send, BEAT)
                continue
            if message := watcher.take():
                await _body(send, message.encode())
        if watcher.has_ended:
            await _retry(send, AGAIN_MS)
        await _body(send, b"", is_last=True)


def _address(scope: Scope) -> tuple[str, str, str]:
    """Return kind, name and key of `/live/<kind>/<name>/?k=<key>`."""
    parts = scope["path"].strip("/").split("/")
    key = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("k", [""])[0]
    return (parts[1], parts[2], key) if len(parts) == 3 else ("", "", key)


async def _retry(send: Send, between: tuple[int, int]) -> None:
    """Tell the browser after how many milliseconds it opens the stream again."""
    await _body(send, f"retry: {random.randint(*between)}\n\n".encode())  # noqa: S311


async def _body(send: Send, body: bytes, *, is_last: bool = False) -> None:
    """Send one piece; a client that does not read for half a minute is dropped."""
    message: Message = {"type": "http.response.body", "body": body, "more_body": not is_last}
    try:
        async with asyncio.timeout(SEND_SECONDS):
            await send(message)
    except TimeoutError:
        _reset(send)
        raise


def _reset(send: Send) -> None:
    """Cut the connection: an orderly end would wait for ever until the client has read what is left.

    ASGI has no word for this; uvicorn's `send` belongs to the object that holds the connection.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()


async def _until_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send, status: int, code: str, message: str) -> None:
    body = json.dumps({"code": code, "message": message, "extra": {}}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
