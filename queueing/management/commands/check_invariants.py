from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from queueing.invariants import CHECKS


class Command(BaseCommand):
    help = "Memeriksa INV-1 … INV-13. Keluar dengan 1 bila ada yang dilanggar."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = 0
        for code, (promise, check) in CHECKS.items():
            breaches = list(check())
            broken += bool(breaches)
            self.stdout.write(f"{'LANGGAR' if breaches else 'baik':8}{code:8}{promise}")
            for breach in breaches[:20]:
                self.stdout.write(f"                {breach}")
        if broken:
            sys.exit(1)
