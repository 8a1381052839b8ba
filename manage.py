#!/usr/bin/env python
"""Commands of the portal. Without DATABASE_URL or REDIS_URL the embedded servers are used."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mpp.settings")
    if {"migrate", "--migrate"} & set(sys.argv):
        # Changing a table that has grown takes as long as it takes.
        os.environ["DB_STATEMENT_TIMEOUT_MS"] = "0"
    from mpp.runtime.embedded import ensure
    from mpp.runtime.errors import RuntimeTrouble

    try:
        with ensure():
            from django.core.management import execute_from_command_line

            execute_from_command_line(sys.argv)
    except RuntimeTrouble as trouble:
        sys.exit(str(trouble))


if __name__ == "__main__":
    main()
