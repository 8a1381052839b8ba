"""What a workbook of a thousand services costs, from its bytes to the last row (trust.md A-03)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from bench.limits import Finding
from mpp.core.tables import xlsxfile
from mpp.core.tables.sheet import table
from services.models import Service
from services.resources import ServiceResource
from tenants.models import Agency

ROWS = 1_000
SECONDS = 10.0
WHAT = f"a workbook of {ROWS} services"


def measure() -> list[Finding]:
    """Read, preview and write; beside it the same rows without any rule, by one bulk insert."""
    found: list[Finding] = []

    @contextmanager
    def timed(figure: str) -> Iterator[None]:
        start = time.monotonic()
        yield
        found.append(Finding(WHAT, figure, time.monotonic() - start, None))

    book = workbook()
    with undone():
        with timed("read s"):
            rows = table(xlsxfile.read(book)[0])
        with timed("preview s"):
            ServiceResource().import_data(rows, dry_run=True)
        with timed("write s"):
            result = ServiceResource().import_data(rows)
    if not result.is_good:
        raise SystemExit("\n".join(result.problems))
    found.append(Finding(WHAT, "all s", sum(each.measured for each in found), SECONDS))
    with undone(), timed("bare bulk insert s"):
        Service.objects.bulk_create(bare_rows(), batch_size=500)
    return found


@contextmanager
def undone() -> Iterator[None]:
    """Leave the mall of the bench as it is."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def values(number: int) -> dict[str, str]:
    return {"code": f"IMP-{number:04}", "slug": f"impor-{number}", "name": f"Layanan impor {number}"}


def workbook() -> bytes:
    """The rows as a person sends them: what is optional keeps what the template says."""
    first = Service.objects.order_by("pk")[0]
    cells = ServiceResource().snapshot([first.pk])[first.pk]
    rows = [[*(cells | values(number)).values()] for number in range(ROWS)]
    return xlsxfile.write([("Layanan", list(cells), rows)])


def bare_rows() -> list[Service]:
    agency = Agency.objects.order_by("pk")[0]
    return [Service(agency=agency, **values(number)) for number in range(ROWS)]
