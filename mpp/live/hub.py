"""The hub: one reader of the truth for all who watch.

It holds two database connections, however many watch: one that listens for hints, one that reads.
Whoever watches gets the whole current state, never a delta, so a lost message costs nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import psycopg
from django.db import Error, close_old_connections, connection

from mpp.live.hints import CHANNEL

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
State = Mapping[str, Any]
# What some keys of one channel see now.
States = Mapping[int, dict[str, Any]]
# A channel, and a key in it.
Place = tuple[str, int]

TRUTH_SECONDS = 2.0
# At most four renderings a second of one channel, however fast it changes.
COALESCE_SECONDS = 0.25
# So many pauses a channel that was quiet has saved: the next changes are read at once.
SAVED_PAUSES = 2
# Without a truth read for this long, what is shown may be wrong: streams fall silent.
SILENT_AFTER_SECONDS = 7.0
# Another in each state, and no news by themselves.
NO_NEWS = {"version": 0, "time": ""}


@dataclass(frozen=True)
class Subscription:
    """What a stream watches: a channel, and its own key in it (the number's, or 0).

    A stream that watches several such places has the others in `beside`, and `join` makes one state of
    all of them. So many people with several numbers cost no reading more than as many with one.
    """

    channel: str
    key: int
    beside: tuple[Place, ...] = ()
    join: Callable[[Mapping[Place, State]], State] | None = None

    @property
    def places(self) -> tuple[Place, ...]:
        """Return all that is watched."""
        return (self.channel, self.key), *self.beside

    @property
    def channels(self) -> set[str]:
        """Return the channels of these places."""
        return {channel for channel, _key in self.places}


class Feed(Protocol):
    """Where the hub's states come from. Called in the hub's one thread, with the ORM."""

    def versions(self) -> Mapping[int, int]:
        """Return the version of every line of today, by the line's key."""

    def subscribe(self, kind: str, name: str) -> Subscription | None:
        """Return what `name` stands for, or None when there is no such thing."""

    def depends_on(self, channel: str, line: int) -> bool:
        """Tell whether a change of `line` may change what `channel` shows."""

    def pause(self, channel: str) -> float:
        """Return the seconds between two readings of `channel`, however fast it changes."""

    def states(self, channel: str, keys: Set[int]) -> Iterator[States]:
        """Yield the current state for each key watching `channel`, in parts, the most urgent ones first.

        A key that has moved away is in none of them.
        """


class Watcher:
    """One stream: holds at most the latest state, so a slow reader costs no memory."""

    def __init__(self, subscription: Subscription) -> None:
        self.subscription = subscription
        self.latest: str | None = None
        self.has_ended = False
        self.news = asyncio.Event()
        self._heard: dict[Place, State] = {}
        self._told: State = {}

    def offer(self, message: str) -> None:
        """Replace what has not been sent yet."""
        self.latest = message
        self.news.set()

    def hear(self, place: Place, state: State, event: str) -> None:
        """Take the state of a place, with its event; what several places make is offered when it is news."""
        join = self.subscription.join
        if join is None:
            return self.offer(event)
        self._heard[place] = state
        if len(self._heard) == len(self.subscription.places):
            joined = join(self._heard)
            if (told := {**joined, **NO_NEWS}) != self._told:
                self._told = told
                self.offer(as_event(joined))

    def end(self) -> None:
        """Close the stream: the page opens a new one, which finds where its number stands now."""
        self.has_ended = True
        self.news.set()

    def take(self) -> str | None:
        """Return the latest state once."""
        self.news.clear()
        message, self.latest = self.latest, None
        return message


def as_event(state: Mapping[str, Any]) -> str:
    """Return one server-sent event; its id is the state's version."""
    return f"id: {state.get('version', 0)}\ndata: {json.dumps(state, ensure_ascii=False)}\n\n"


class Hub:
    """Fan-out from the database to the streams of this process."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.watchers: dict[str, set[Watcher]] = {}
        self._open: set[Watcher] = set()
        self._known: Mapping[int, int] = {}
        self._truth_at = 0.0
        # When each channel would be read next at an even pace (the leaky bucket of ITU-T I.371).
        self._due: dict[str, float] = {}
        self._refreshing: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._newcomers: dict[str, list[Watcher]] = defaultdict(list)
        self._greeting: dict[str, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="live")
        self._starting = asyncio.Lock()

    async def start(self) -> None:
        """Start listening and reading; a second call does nothing."""
        async with self._starting:
            if not self._tasks:
                self._tasks = [
                    asyncio.create_task(self._forever(self._listen)),
                    asyncio.create_task(self._forever(self._read_truth)),
                ]

    async def stop(self) -> None:
        """Stop all tasks and the reading thread."""
        tasks = [*self._tasks, *self._refreshing.values(), *self._greeting.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks = []
        self._thread.submit(connection.close)
        self._thread.shutdown(wait=False)

    @property
    def is_truthful(self) -> bool:
        """Tell whether the database was read recently enough to vouch for what streams show."""
        return time.monotonic() - self._truth_at < SILENT_AFTER_SECONDS

    @property
    def watcher_count(self) -> int:
        """Return how many streams are open."""
        return len(self._open)

    async def subscribe(self, kind: str, name: str) -> Watcher | None:
        """Return a new watcher whose first state is on its way, or None for an unknown name.

        Raises `django.db.Error` when the database does not answer.
        """
        subscription = await self._in_thread(lambda: self.feed.subscribe(kind, name))
        if subscription is None:
            return None
        watcher = Watcher(subscription)
        self._open.add(watcher)
        for channel in subscription.channels:
            self.watchers.setdefault(channel, set()).add(watcher)
            self._newcomers[channel].append(watcher)
            if channel not in self._greeting:
                self._greeting[channel] = asyncio.create_task(self._greet(channel))
        return watcher

    async def _greet(self, channel: str) -> None:
        """Read the first states of those who have come: after a restart a whole hall comes at once."""
        try:
            while newcomers := self._newcomers.pop(channel, []):
                try:
                    await self._tell(channel, newcomers)
                except Exception:
                    self._read_again(channel)
        finally:
            # Without a pause after the last look: whoever comes from now on is greeted by another.
            self._greeting.pop(channel, None)

    def leave(self, watcher: Watcher) -> None:
        """Forget a watcher, and each of its channels with the last one."""
        self._open.discard(watcher)
        for channel in watcher.subscription.channels:
            watchers = self.watchers.get(channel, set())
            watchers.discard(watcher)
            if not watchers:
                self.watchers.pop(channel, None)
                self._due.pop(channel, None)

    async def _states(self, channel: str, keys: Set[int]) -> AsyncIterator[States]:
        """Yield the parts of a channel's states; between two of them others may use the database."""
        parts = await self._in_thread(lambda: self.feed.states(channel, keys))
        while (states := await self._in_thread(lambda: next(parts, None))) is not None:
            yield states

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        """Run `work` in the one thread that may use the database."""

        def run() -> Result:
            close_old_connections()
            try:
                return work()
            except Error:
                # A broken connection must not be used again by the next reading.
                connection.close()
                raise

        return await asyncio.get_running_loop().run_in_executor(self._thread, run)

    async def _forever(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run `work` again whenever it fails, however it fails: the hub outlives its database."""
        while True:
            try:
                await work()
            except Exception as error:
                logger.warning("Live: %s: %s; trying again", type(error).__name__, error)
            await asyncio.sleep(1)

    async def _listen(self) -> None:
        parameters = connection.get_connection_params()
        wanted = {
            key: parameters[key]
            for key in ("dbname", "user", "password", "host", "port")
            if key in parameters
        }
        listener = await psycopg.AsyncConnection.connect(**wanted, autocommit=True, connect_timeout=3)
        async with listener:
            await listener.execute(f"LISTEN {CHANNEL}")
            async for notice in listener.notifies():
                with contextlib.suppress(ValueError):
                    hinted = {int(line): version for line, version in json.loads(notice.payload).items()}
                    # What the hint told need not be read a second time by the truth reader.
                    self._known = {**self._known, **hinted}
                    self._changed(hinted.keys())

    async def _read_truth(self) -> None:
        while True:
            versions = await self._in_thread(self.feed.versions)
            self._truth_at = time.monotonic()
            changed = {line for line, version in versions.items() if self._known.get(line) != version}
            self._known = versions
            if changed:
                self._changed(changed)
            await asyncio.sleep(TRUTH_SECONDS)

    def _changed(self, lines: Set[int]) -> None:
        # A display in front of the hall is read before a line with a thousand phones.
        for channel in sorted(self.watchers, key=lambda name: len(self.watchers[name])):
            if any(self.feed.depends_on(channel, line) for line in lines):
                self._refresh_soon(channel)

    def _refresh_soon(self, channel: str) -> None:
        # One refresh at a time; what changes while it reads is read once more after it.
        if channel in self._refreshing:
            self._again.add(channel)
            return
        task = asyncio.create_task(self._refresh(channel))
        self._refreshing[channel] = task
        task.add_done_callback(lambda _task: self._refreshed(channel))

    def _refreshed(self, channel: str) -> None:
        self._refreshing.pop(channel, None)
        if channel in self._again:
            self._again.discard(channel)
            self._refresh_soon(channel)

    async def _refresh(self, channel: str) -> None:
        pause = self.feed.pause(channel)
        wait = self._due.get(channel, 0.0) - SAVED_PAUSES * pause - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        # What changed during the wait is in this reading already.
        self._again.discard(channel)
        watchers = set(self.watchers.get(channel, ()))
        if not watchers:
            return
        self._due[channel] = max(self._due.get(channel, 0.0), time.monotonic()) + pause
        try:
            await self._tell(channel, watchers)
        except Exception:
            self._read_again(channel)

    async def _tell(self, channel: str, watchers: Iterable[Watcher]) -> None:
        """Read the channel for these watchers, and end those whose key has moved away."""
        by_key: dict[int, list[Watcher]] = defaultdict(list)
        for watcher in watchers:
            for place, key in watcher.subscription.places:
                if place == channel:
                    by_key[key].append(watcher)
        moved_away = set(by_key)
        async for states in self._states(channel, by_key.keys()):
            moved_away -= states.keys()
            for key, state in states.items():
                event = as_event(state)
                for watcher in by_key[key]:
                    watcher.hear((channel, key), state, event)
        for key in moved_away:
            for watcher in by_key[key]:
                watcher.end()

    def _read_again(self, channel: str) -> None:
        logger.warning("Live: %s not read; the next truth read repeats it", channel, exc_info=True)
        self._known = {}
