"""The English of the interface: `python -m tools.messages` collects it, `--check` says what is missing.

Needs gettext (Debian: apt install gettext). Texts stand in Indonesian in the source; each of them has an
English translation in `locale/en`, or this ends with 1.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path("locale/en/LC_MESSAGES/django.po")
# Where texts for people stand.
SHOWN = ("agreements", "mpp", "queueing", "services", "templates", "tenants")
COLLECT = ["makemessages", "--locale=en", "--no-location", "--no-wrap", "--no-obsolete"]
# The only line that is another in each run.
DATED = '"POT-Creation-Date:'


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.messages", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing")
    is_check = parser.parse_args(arguments).check
    if not shutil.which("xgettext"):
        print("Perlu gettext (Debian: apt install gettext).", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        fresh = collected(Path(folder))
        problems = [*lacking(fresh, "--untranslated"), *lacking(fresh, "--only-fuzzy")]
        if is_check and stable(fresh) != stable(ROOT / CATALOGUE):
            problems.append("locale/en is not what the source says: run `make messages`.")
        if not is_check:
            shutil.copyfile(fresh, ROOT / CATALOGUE)
            compiled = (ROOT / CATALOGUE).with_suffix(".mo")
            subprocess.run(["msgfmt", "--check-format", "-o", compiled, fresh], check=True)
    print("\n".join(problems) or "Every text has its English.")
    return 1 if problems else 0


def collected(folder: Path) -> Path:
    """Collect the texts of the whole portal into a catalogue below `folder`; return its path."""
    for source in sorted(sources()):
        target = folder / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    subprocess.run([sys.executable, "-m", "django", *COLLECT], cwd=folder, check=True, capture_output=True)
    return folder / CATALOGUE


def sources() -> Iterator[Path]:
    """Yield the files in which a text may stand, and the catalogue so far."""
    yield ROOT / CATALOGUE
    for name in SHOWN:
        for pattern in ("*.py", "*.html"):
            yield from (ROOT / name).rglob(pattern)


def lacking(catalogue: Path, which: str) -> list[str]:
    """Return the texts that msgattrib finds in `catalogue`, one a line."""
    command = ["msgattrib", which, "--no-obsolete", "--no-wrap", str(catalogue)]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    texts = [line for line in found.stdout.splitlines() if line.startswith('msgid "')]
    return [f"No English for {text.removeprefix('msgid ')}" for text in texts if text != 'msgid ""']


def stable(catalogue: Path) -> list[str]:
    """Return the lines of a catalogue without the one that changes in each run."""
    lines = catalogue.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith(DATED)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
