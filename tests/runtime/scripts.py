"""Programs that the runtime's tests start as processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mpp.runtime.places import CHECKOUT
from mpp.runtime.processes import carries

# A command that uses the pair until its standard input ends.
USE_PAIR = """
import sys
from pathlib import Path
from mpp.runtime.embedded import ensure
from mpp.runtime.places import locate
with ensure(places=locate(checkout=Path(sys.argv[1]))) as found:
    print(",".join(found.started) or "none", flush=True)
    sys.stdin.read()
"""

# A group of the children given as lines of Python, one stage; `servers` puts the embedded pair first.
RUN_GROUP = """
import signal
import sys
from pathlib import Path
from mpp.runtime import portal
from mpp.runtime.embedded import servers
from mpp.runtime.errors import RuntimeTrouble
from mpp.runtime.group import Child, Group
from mpp.runtime.places import locate, prepare_for_servers
# As at a terminal, also when the tests themselves run under nohup.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
root, pair, *codes = sys.argv[1:]
places = locate(checkout=Path(root))
prepare_for_servers(places)
first = [portal.server_child(server) for server in servers(places)] if pair == "servers" else []
quick = [sys.executable, "-ISuc"]
stage = [
    Child(f"child{number}", [*quick, code], directory=Path(root), once=code.endswith("# once"), echo=True)
    for number, code in enumerate(codes)
]
try:
    with portal.claim(places, 8000):
        group = Group([first, stage], log=places.log, say=portal.say, back_off=0.1)
        group.run(lambda: portal.say("READY"))
except RuntimeTrouble as trouble:
    sys.exit(str(trouble))
"""
# The same, started so as to outlive its terminal.
RUN_GROUP_UNDER_NOHUP = RUN_GROUP.replace("signal.SIG_DFL", "signal.SIG_IGN")

# Says its number in a file, then rests.
CALM = "import os,time;open('{name}','w').write(str(os.getpid()));time.sleep(60)"
# The same, and deaf to SIGTERM.
STUBBORN = f"import signal;signal.signal(15,signal.SIG_IGN);{CALM}"


@contextmanager
def running(script: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A script of this module as a process; it is gone afterwards."""
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    process = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                stream.close()


def eventually(reached: Callable[[], object], seconds: float = 10.0) -> bool:
    """Whether something comes true in time."""
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def alive(pid: int) -> bool:
    """Whether a process lives; one that has ended and waits to be noticed does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def left_running(mark: str) -> list[int]:
    """The processes whose command line carries the mark."""
    numbers = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [pid for pid in numbers if carries(pid, mark)]


def number_in(path: Path) -> int:
    """The process number that a child or a server has written, once it is there."""
    # Read once a try: a restarted child empties its file before it writes the new number.
    read: list[str] = []

    def has_number() -> bool:
        read[:] = path.read_text().split() if path.exists() else []
        return bool(read)

    assert eventually(has_number)
    return int(read[0])


def read_until(process: subprocess.Popen[str], word: str) -> str:
    """What the process prints up to and including the line with the word."""
    assert process.stdout
    said = ""
    for line in process.stdout:
        said += line
        if word in line:
            return said
    assert process.stderr
    raise AssertionError(f"{word!r} was never said: {said}{process.stderr.read()}")
