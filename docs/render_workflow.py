"""Write docs/ticket-workflow.md from queueing/workflow.py: `python -m docs.render_workflow`."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

PAGE = Path(__file__).parent / "ticket-workflow.md"
HEAD = """# The life of a number

Made from `queueing/workflow.py` by `python -m docs.render_workflow`; a test compares them. Each step is
taken under the lock of the number's line ([queue protocol](queue-protocol.md)), leaves an event, and is one
function in `queueing/actions`. A step that does not start in the number's state answers 409 and changes
nothing; the database knows the same edges.
"""


def render() -> str:
    """Return the page."""
    from queueing.enums import Step, TicketState
    from queueing.workflow import TICKET

    states = [f"| `{state.value}` | {state.label} |" for state in TicketState]
    steps = [
        f"| `{name}` | {Step(name).label} | {_words(edge.sources)} | `{edge.target}` |"
        for name, edge in TICKET.table.items()
    ]
    arrows = [
        f"    {source} --> {edge.target}: {name}"
        for name, edge in TICKET.table.items()
        for source in sorted(edge.sources)
    ]
    start = "    [*] --> WAITING: issue"
    parts = [
        HEAD,
        "```mermaid\nstateDiagram-v2\n" + "\n".join([start, *arrows]) + "\n```\n",
        "| step | in Indonesian | from | to |\n|---|---|---|---|\n" + "\n".join(steps) + "\n",
        "| state | in Indonesian |\n|---|---|\n" + "\n".join(states) + "\n",
    ]
    return "\n".join(parts)


def _words(states: frozenset[str]) -> str:
    return ", ".join(f"`{state}`" for state in sorted(states))


if __name__ == "__main__":
    # Names of states and steps are in the source language: no catalogue and no database are needed.
    settings.configure(USE_I18N=False)
    PAGE.write_text(render(), encoding="utf-8")
