"""Reading a stream of server-sent events in a test."""

from __future__ import annotations

import json
import queue
import threading
from typing import Any

import httpx


class Stream:
    """An open stream; `next_state()` waits for the next state, `beats` counts heartbeats."""

    def __init__(self, url: str) -> None:
        self.status = 0
        self.beats = 0
        self._states: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._opened = threading.Event()
        self._client = httpx.Client(timeout=httpx.Timeout(10, read=40))
        self._thread = threading.Thread(target=self._read, args=(url,), daemon=True)
        self._thread.start()
        if not self._opened.wait(20):
            raise TimeoutError("the stream did not open")

    def _read(self, url: str) -> None:
        try:
            with self._client.stream("GET", url) as response:
                self.status = response.status_code
                self._opened.set()
                event = "message"
                for line in response.iter_lines():
                    if line.startswith("event: "):
                        event = line[7:]
                    elif line.startswith("data: "):
                        if event == "message":
                            self._states.put(json.loads(line[6:]))
                        self.beats += event == "beat"
                    elif not line:
                        event = "message"
        except (httpx.HTTPError, RuntimeError):
            pass
        finally:
            self._opened.set()
            self._states.put(None)

    def next_state(self, seconds: float = 8.0) -> dict[str, Any]:
        """Return the next state; fails when none comes in time or the stream has ended."""
        state = self._states.get(timeout=seconds)
        if state is None:
            raise EOFError("the stream ended")
        return state

    def until(self, wanted: Any, seconds: float = 10.0) -> dict[str, Any]:
        """Return the first state for which `wanted(state)` is true."""
        while True:
            state = self.next_state(seconds)
            if wanted(state):
                return state

    def close(self) -> None:
        self._client.close()
