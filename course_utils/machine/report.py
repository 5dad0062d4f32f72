"""What the check of a machine found, as a table that people and screen readers can read."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Literal

GOOD, CARE, BAD = "✓", "!", "✗"
_HEAD = ("Mark", "What", "Found", "To do")
_LEFT = ' style="text-align: left"'
_SAYS = {GOOD: "good", CARE: "look here", BAD: "this must be repaired"}


@dataclass(frozen=True)
class Row:
    """One line of the report.

    Args:
        mark: "✓" good, "!" works with a limit, "✗" the course does not run like this.
        what: what was looked at, one or two words.
        found: what was found.
        todo: what to do; empty when nothing is to be done.
    """

    mark: Literal["✓", "!", "✗"]
    what: str
    found: str
    todo: str = ""


@dataclass(frozen=True, repr=False)
class MachineReport:
    """All lines of the report.

    Args:
        rows: the lines, in order.
        slower: how many times the minutes of the course this machine takes; None if unknown.

    >>> rows = Row("✓", "Python", "3.12.1"), Row("!", "memory", "0.4 GB", "Rest.")
    >>> report = MachineReport(rows)
    >>> print(report)
    ✓ Python  3.12.1
    ! memory  0.4 GB
              → Rest.
    >>> report.ready
    True
    """

    rows: tuple[Row, ...]
    slower: float | None = None

    @property
    def ready(self) -> bool:
        """Say whether the course runs here: no line is marked ✗."""
        return all(row.mark != BAD for row in self.rows)

    def __str__(self) -> str:
        """Return the table as text, one line per row, with what to do below."""
        wide = max((len(row.what) for row in self.rows), default=0)
        lines = []
        for row in self.rows:
            lines.append(f"{row.mark} {row.what:<{wide}}  {row.found}")
            if row.todo:
                lines.append(f"{'':<{wide + 3}} → {row.todo}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Return the table for a notebook, with headings that a screen reader speaks."""
        head = "".join(f'<th scope="col"{_LEFT}>{name}</th>' for name in _HEAD)
        body = "".join(_html_row(row) for row in self.rows)
        caption = "<caption>This machine: ✓ good, ! look here, ✗ must be repaired</caption>"
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _html_row(row: Row) -> str:
    """Return one row; letters come from the machine, so that they are escaped."""
    what, found, todo = (html.escape(text) for text in (row.what, row.found, row.todo))
    sign = f'<td{_LEFT}><span role="img" aria-label="{_SAYS[row.mark]}">{row.mark}</span></td>'
    cells = f'<th scope="row"{_LEFT}>{what}</th><td{_LEFT}>{found}</td><td{_LEFT}>{todo}</td>'
    return f"<tr>{sign}{cells}</tr>"
