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
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path("locale/en/LC_MESSAGES/django.po")
# Words of these are for whoever works on the portal.
NOT_SHOWN = ("tests", "bench", "docs", "tools")
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
    """Collect the texts of all that git knows into a catalogue below `folder`; return its path."""
    known = subprocess.run(
        ["git", "ls-files", "*.py", "*.html", str(CATALOGUE)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in known.stdout.splitlines():
        if not name.startswith(NOT_SHOWN) and (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    subprocess.run([sys.executable, "-m", "django", *COLLECT], cwd=folder, check=True, capture_output=True)
    return folder / CATALOGUE


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
