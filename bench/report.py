"""Plain tables."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def spread_of(values: Sequence[float]) -> tuple[str, str, str]:
    """Return p50, p95 and p99 in milliseconds as text."""
    if not values:
        return ("-", "-", "-")
    return (
        f"{statistics.median(values):.1f}",
        f"{percentile(values, 0.95):.1f}",
        f"{percentile(values, 0.99):.1f}",
    )


def number(value: float | None) -> str:
    """Return a rate as text."""
    return "-" if value is None else f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def ratio(ours: float, theirs: float | None) -> str:
    """Return our share of the database's own figure."""
    return "-" if not theirs else f"{ours / theirs:.2f}"


def megabytes(kilobytes: float) -> str:
    return f"{kilobytes / 1024:.1f}"


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a titled table; the first column to the left, figures to the right."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    left = [column for column in range(len(head)) if not rows or not _is_figure(rows[0][column])]
    text = [
        "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    return "\n".join(["", title, "-" * max(map(len, [title, *text])), *text])


def _is_figure(cell: str) -> bool:
    return cell == "-" or cell.replace(".", "", 1).isdigit()
