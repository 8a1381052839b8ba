"""The other side: an HTTP provider and a mail server that answer as a test tells them to."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Headers = dict[str, str]


@dataclass
class Request:
    """What arrived."""

    path: str
    headers: Headers
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Script:
    """What to answer, in order; the last answer is given for ever."""

    answers: list[tuple[int, Headers, str]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    # Called when a request has arrived, before its answer: a provider that hangs, or a killed sender.
    on_arrival: Callable[[], object] = lambda: None

    def answer(self, status: int, body: Any = "", **headers: str) -> Script:
        text = body if isinstance(body, str) else json.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, named, text))
        return self

    def next(self) -> tuple[int, Headers, str]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Provider(ThreadingHTTPServer):
    """Speaks HTTP on a free port; `script` is the running test's."""

    daemon_threads = True
    script = Script()

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self) -> None:
        script = self.server.script
        length = int(self.headers.get("Content-Length") or 0)
        script.requests.append(Request(self.path, dict(self.headers), self.rfile.read(length)))
        script.on_arrival()
        status, headers, text = script.next()
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())
        except OSError:
            # The sender has given up.
            return

    do_GET = do_POST

    def log_message(self, *args: object) -> None:
        return


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks enough SMTP; `replies` says what it answers to a command other than the usual."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        self.replies: dict[str, str] = {}
        self.mails: list[str] = []
        super().__init__(("127.0.0.1", 0), _MailHandler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _MailHandler(socketserver.StreamRequestHandler):
    server: MailServer

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.say(self.server.replies.get("HELLO", "220 mail"))
        while line := self.rfile.readline().decode().strip():
            command = line.split(maxsplit=1)[0].upper()
            reply = self.server.replies.get(command, "250 ok")
            if reply == "HANG UP":
                return
            if command == "DATA" and reply == "250 ok":
                self.say("354 go on")
                self.server.mails.append(self.read_mail())
                reply = self.server.replies.get(".", "250 ok")
                if reply == "HANG UP":
                    return
            self.say("221 bye" if command == "QUIT" else reply)
            if command == "QUIT":
                return

    def read_mail(self) -> str:
        lines = []
        while (line := self.rfile.readline().decode()) and line != ".\r\n":
            lines.append(line)
        return "".join(lines)
