"""`make run`: the whole portal on this machine, from its servers to the addresses on the terminal."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial

from mpp.runtime.board import board
from mpp.runtime.embedded import servers
from mpp.runtime.environment import given, is_demo, is_true, local_defaults
from mpp.runtime.errors import RuntimeTrouble
from mpp.runtime.group import Child, Group
from mpp.runtime.locks import FileLock
from mpp.runtime.places import Places, locate, prepare_for_servers, prepare_var
from mpp.runtime.server import ENVIRONMENT, Server

HOST = "127.0.0.1"
OWNER_SECONDS = 10.0


def run(places: Places | None = None) -> None:
    """Run the portal until Ctrl-C; raises RuntimeTrouble with a text for the terminal."""
    places = places or locate()
    port = _port()
    _refuse_contradictions(places)
    prepare_var(places)
    with claim(places, port):
        _refuse_busy(port)
        own = servers(places)
        environment = {**os.environ, **local_environment(places, own, port)}
        with _owned(own):
            group = Group(stages(places, own, environment, port), log=places.log, say=say)
            started = time.monotonic()
            say("Menyiapkan portal…")
            group.run(lambda: say(board(places, f"http://{HOST}:{port}", time.monotonic() - started)))


def stages(
    places: Places, own: Sequence[Server], environment: Mapping[str, str], port: int
) -> list[list[Child]]:
    """What runs, in order: our own servers, the preparation of the database, then web, worker and beat."""
    python = partial(Child, environment=environment, directory=places.checkout)
    celery = [sys.executable, "-m", "celery", "--quiet", "-A", "mpp"]
    prepare = ["demo_prepare", "--migrate"] if is_demo(places) else ["migrate", "--noinput"]
    web = ["mpp.asgi:application", "--host", HOST, "--port", str(port), "--timeout-graceful-shutdown", "2"]
    web += ["--no-access-log", "--no-server-header", "--log-level", "warning"]
    worker = ["worker", "--pool", "threads", "--concurrency", "4", "--without-gossip", "--without-mingle"]
    beat = ["beat", "--schedule", str(places.run / "beat-schedule"), "--pidfile="]
    return [
        [server_child(server) for server in own],
        [python("prepare", [sys.executable, "manage.py", *prepare], once=True, ready_seconds=300.0)],
        [
            python("web", [sys.executable, "-m", "uvicorn", *web], echo=True, ready=lambda: answers(port)),
            # On two cores these would hold up the first page.
            python("worker", [*celery, *worker, "--loglevel", "WARNING"], echo=True, patient=True),
            python("beat", [*celery, *beat, "--loglevel", "WARNING"], patient=True),
        ],
    ]


def server_child(server: Server) -> Child:
    """The embedded server as a child of the group."""
    return Child(
        server.name,
        server.command(),
        ENVIRONMENT,
        account=server.places.account,
        # Immediate shutdown loses nothing committed: the next start replays the log.
        stop=((server.stop_signal, 1.5), (signal.SIGQUIT, 0.4)),
        last_signal=server.stop_signal,
        before=server.make_ready_to_start,
        ready=server.is_ready,
    )


def local_environment(places: Places, own: Sequence[Server], port: int) -> dict[str, str]:
    """What the children get beside the environment of the one who started the portal."""
    return {
        **local_defaults(places),
        **{server.variable: server.url for server in own},
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def claim(places: Places, port: int) -> Iterator[None]:
    """Be the only group of this checkout; raises RuntimeTrouble saying who is running already."""
    with FileLock(places.run_file("group.lock")) as lock:
        if not lock.take():
            note = lock.read_note()
            pid, running = note.get("pid", "?"), f"http://{HOST}:{note.get('port', '?')}/"
            since = time.strftime("%d-%m-%Y pukul %H.%M", time.localtime(note.get("since", time.time())))
            raise RuntimeTrouble(
                f"Portal ini sudah berjalan di {running} sejak {since} (pid {pid}).\n"
                f"Hentikan dengan Ctrl-C di terminalnya, atau: kill {pid}"
            )
        lock.write_note(pid=os.getpid(), port=port, since=time.time())
        yield


def answers(port: int) -> bool:
    """Whether the web process says it lives."""
    connection = http.client.HTTPConnection(HOST, port, timeout=0.5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def say(text: str) -> None:
    """Print for the person at the terminal, who may have closed it."""
    try:
        print(text, flush=True)
    except OSError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115


@contextmanager
def _owned(own: Sequence[Server]) -> Iterator[None]:
    """Hold the embedded servers alone; a short command that started them is waited for."""
    with ExitStack() as stack:
        if own:
            prepare_for_servers(own[0].places)
        for server in own:
            lock = stack.enter_context(FileLock(server.places.run_file(f"{server.name}.lock")))
            deadline = time.monotonic() + OWNER_SECONDS
            while not lock.take():
                if time.monotonic() > deadline:
                    holder = lock.read_note().get("pid", "?")
                    raise RuntimeTrouble(
                        f"{server.title} sedang dipakai perintah lain (pid {holder}). Akhiri dulu."
                    )
                time.sleep(0.1)
            lock.write_note(pid=os.getpid())
        yield


def _port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise RuntimeTrouble(f"PORT={text} bukan nomor port. Contoh: make run PORT=8123")
    return int(text)


def _refuse_contradictions(places: Places) -> None:
    if is_true(given("LOAD_TEST", checkout=places.checkout)) and not is_demo(places):
        raise RuntimeTrouble("LOAD_TEST=1 hanya untuk demo. Hapus MPP_DEMO=0, atau jangan pakai LOAD_TEST.")
    hours = given("OPEN", checkout=places.checkout)
    if hours not in ("", "real"):
        raise RuntimeTrouble(f"OPEN={hours} tidak dikenal. Pakai OPEN=real, atau kosongkan.")


def _refuse_busy(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError as error:
            raise RuntimeTrouble(f"Port {port} hanya untuk root. Pilih port di atas 1023.") from error
        except OSError as error:
            raise RuntimeTrouble(
                f"Port {port} sedang dipakai program lain. Pilih yang lain: make run PORT={port + 1}"
            ) from error
