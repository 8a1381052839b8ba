"""The real application on a real port, over the test database."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Server:
    """A running server; `url` without a slash at the end."""

    url: str
    process: subprocess.Popen[bytes]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_database_url() -> str:
    """The URL of the database that this test run uses."""
    use = connection.settings_dict
    host, user, name = str(use["HOST"]), str(use["USER"]), str(use["NAME"])
    password = f":{quote(str(use['PASSWORD']))}" if use["PASSWORD"] else ""
    if host.startswith("/"):
        return f"postgres://{user}{password}@/{host}/{name}"
    port = f":{use['PORT']}" if use["PORT"] else ""
    return f"postgres://{user}{password}@{host}{port}/{name}"


def environment(**more: str) -> dict[str, str]:
    """The environment of a child process that works on the test database."""
    return {
        **os.environ,
        "DATABASE_URL": test_database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "TOKEN_KEY": settings.TOKEN_KEY,
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "HTTPS": "0",
        "MPP_DEMO": "1",
        "LOG_LEVEL": "WARNING",
        "PYTHONWARNINGS": "ignore",
        **more,
    }


@contextlib.contextmanager
def running(port: int = 0, **more: str) -> Iterator[Server]:
    """Start uvicorn on `port`, else on a free one; stopped at the end, by force after five seconds."""
    port = port or free_port()
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "mpp.asgi:application",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    command += ["--log-level", "warning", "--timeout-graceful-shutdown", "1"]
    more = {"DJANGO_SETTINGS_MODULE": "tests.support.settings", **more}
    process = subprocess.Popen(command, cwd=ROOT, env=environment(**more))
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url, process)
        yield Server(url, process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def frozen(server: Server) -> Iterator[None]:
    """Let the server hang: it keeps its connections and says nothing."""
    server.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        server.process.send_signal(signal.SIGCONT)


def _wait_for(url: str, process: subprocess.Popen[bytes], seconds: float = 40.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended by itself: {process.returncode}")
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{url}/healthz", timeout=1).status_code == 200:
                return
        time.sleep(0.1)
    raise RuntimeError("the server did not answer")
