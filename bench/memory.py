"""How much memory a process and all its children hold, as the kernel counts it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import psutil

FIELD = re.compile(r"^(Rss|Pss):\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True)
class Memory:
    """Kilobytes: `rss` counts what processes share once for each, `pss` once for all."""

    rss: int
    pss: int

    def __add__(self, other: Memory) -> Memory:
        return Memory(self.rss + other.rss, self.pss + other.pss)


def of(pid: int) -> Memory:
    """Return the memory of a process with its children; a child that ends meanwhile counts nothing."""
    total = Memory(0, 0)
    for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
        try:
            text = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii")
        except OSError:
            continue
        found = {name: int(value) for name, value in FIELD.findall(text)}
        total += Memory(found.get("Rss", 0), found.get("Pss", 0))
    return total
