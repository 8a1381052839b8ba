"""Where the local servers and the process group keep their things, and to whom these belong."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from mpp.runtime.errors import RuntimeTrouble

CHECKOUT = Path(__file__).resolve().parents[2]
SYSTEM_HOME = Path("/var/lib/mpp-portal")
# Short on purpose: the path of a socket ends at 107 bytes.
SOCKET_HOME = Path("/tmp")  # noqa: S108  checked for its owner, 0700
READ, EXECUTE = 4, 1


@dataclass(frozen=True)
class Account:
    """An account of this machine under which a process runs."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Places:
    """The directories of one pair of servers; `instance` keeps the tests' pair apart from the demo's."""

    checkout: Path
    instance: str
    account: Account
    data_home: Path

    @property
    def var(self) -> Path:
        return self.checkout / "var"

    @property
    def run(self) -> Path:
        return self.var / "run"

    @property
    def log(self) -> Path:
        return self.var / "log"

    @property
    def demo_file(self) -> Path:
        """What `demo_prepare` leaves for the one who started the portal: first zone and sign-ins (0600)."""
        return self.run / "demo.json"

    @property
    def sockets(self) -> Path:
        return SOCKET_HOME / f"mpp-{_key(self.checkout)}{self._suffix}"

    def data(self, server: str) -> Path:
        """The data directory of one server."""
        return self.data_home / f"{self._prefix}{server}"

    def run_file(self, name: str) -> Path:
        """A file of this instance in var/run."""
        return self.run / f"{self._prefix}{name}"

    @property
    def _prefix(self) -> str:
        return f"{self.instance}-" if self.instance else ""

    @property
    def _suffix(self) -> str:
        return f"-{self.instance}" if self.instance else ""


def locate(instance: str = "", *, checkout: Path = CHECKOUT, system_home: Path = SYSTEM_HOME) -> Places:
    """Find the places of one instance; nothing is created."""
    checkout = checkout.resolve()
    var = checkout / "var"
    me = current_account()
    if me.uid != 0:
        return Places(checkout, instance, me, var)
    home = system_home / _key(checkout)
    account = _unprivileged()
    for data_home in (home, var):
        owner = _unprivileged_owner(Places(checkout, instance, account, data_home).data("postgres"))
        if owner:
            return Places(checkout, instance, owner, data_home)
    return Places(checkout, instance, account, var if may_enter(var, account) else home)


def current_account() -> Account:
    uid = os.geteuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:  # a container may run under a number without a name
        name = str(uid)
    return Account(name, uid, os.getegid())


def may_enter(directory: Path, account: Account) -> bool:
    """Whether the account can reach the directory, or the deepest part of it that exists.

    Read from the mode bits alone: an access list that allows more is not seen, and the answer stays no.
    """
    chain = [directory, *directory.parents]
    return all(_allows(part, account, EXECUTE) for part in chain if part.exists())


def may_run(program: Path, account: Account) -> bool:
    """Whether the account can reach and run the program."""
    return may_enter(program.parent, account) and _allows(program, account, READ | EXECUTE)


def prepare_var(places: Places) -> None:
    """Create var/ with what the starting account itself keeps there.

    Raises RuntimeTrouble when a directory belongs to somebody else.
    """
    for directory, mode in ((places.var, 0o755), (places.run, 0o700), (places.log, 0o700)):
        _make(directory, mode=mode)


def prepare_for_servers(places: Places) -> None:
    """Create what the servers' account needs; raises RuntimeTrouble as `prepare_var` does."""
    prepare_var(places)
    if places.data_home != places.var:
        _make(places.data_home.parent, mode=0o755)
        private_directory(places.data_home, places.account)
    private_directory(places.sockets, places.account)


def private_directory(path: Path, account: Account) -> None:
    """Create or check a directory that only the account (and root) may open.

    Raises RuntimeTrouble when the name is taken by somebody else: /tmp is open to everyone.
    """
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (account.uid, os.geteuid()):
        raise RuntimeTrouble(
            f"{path} sudah ada dan bukan milik akun {account.name}. Hapus dulu, lalu ulangi."
        )
    if found.st_uid != account.uid:
        os.chown(path, account.uid, account.gid)
    path.chmod(0o700)


def secret_key(places: Places) -> str:
    """The secret key of this checkout's demo, made once and readable by its owner only."""
    path = places.var / "secret-key"
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=places.var, encoding="ascii") as file:
            file.write(secrets.token_urlsafe(50))
            file.flush()
            # A link appears whole: another command that starts now never reads half a key.
            with contextlib.suppress(FileExistsError):
                os.link(file.name, path)
    return path.read_text(encoding="ascii")


def _make(path: Path, *, mode: int) -> None:
    try:
        if not path.is_dir():
            path.mkdir()
            path.chmod(mode)  # whatever the umask: the servers' account must be able to pass through var/
        writable = os.access(path, os.W_OK | os.X_OK)
    except PermissionError:
        writable = False
    if not writable:
        raise RuntimeTrouble(f"{path} tidak dapat ditulisi akun ini. Jalankan sebagai pemiliknya.")


def _key(checkout: Path) -> str:
    return hashlib.sha256(os.fsencode(checkout)).hexdigest()[:8]


def _unprivileged() -> Account:
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise RuntimeTrouble(
        "PostgreSQL tidak boleh berjalan sebagai root, dan akun 'nobody' tidak ada di mesin ini."
    )


def _unprivileged_owner(path: Path) -> Account | None:
    """The owner of existing data keeps it: a demo begun by a person goes on when root starts it."""
    try:
        found = path.stat()
        entry = pwd.getpwuid(found.st_uid)
    except (FileNotFoundError, KeyError):
        return None
    return None if found.st_uid == 0 else Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _allows(path: Path, account: Account, wanted: int) -> bool:
    found = path.stat()
    if found.st_uid == account.uid:
        granted = found.st_mode >> 6
    elif found.st_gid == account.gid:
        granted = found.st_mode >> 3
    else:
        granted = found.st_mode
    return granted & wanted == wanted
