"""`python -m mpp.runtime run`."""

from __future__ import annotations

import sys

from mpp.runtime.errors import RuntimeTrouble
from mpp.runtime.portal import run


def main(arguments: list[str]) -> int:
    if arguments != ["run"]:
        print("Cara pakai: python -m mpp.runtime run", file=sys.stderr)
        return 2
    try:
        run()
    except RuntimeTrouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
