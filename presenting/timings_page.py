"""The tables of `presenting.timings`: as text for the terminal, and as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from presenting.timings import CellTime, Limits

TITLE = "How long the cells of the lessons take"
COLUMNS = ("cell", "In", "wall s", "CPU s", "slide type", "section", "first line")
# Text on ground: over 12:1 in both schemes; the marks over 5:1.
STYLE = """
:root { color-scheme: light dark; --slow: #b00020; --line: #767676; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem;
  padding: 0 1rem; color: #1a1a1a; background: #ffffff; }
.table { overflow-x: auto; }
table { border-collapse: collapse; margin: 1rem 0; }
caption { text-align: left; font-weight: bold; padding: 0.3rem 0; }
th, td { border: 1px solid var(--line); padding: 0.2rem 0.6rem; text-align: left; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
tr.slow td.number, p.slow { color: var(--slow); font-weight: bold; }
@media (prefers-color-scheme: dark) {
  :root { --slow: #ffb4ab; --line: #9a9a9a; }
  body { color: #f0f0f0; background: #121212; }
}
"""


def slowest_first(cells: Sequence[CellTime], limits: Limits) -> list[CellTime]:
    """Return the cells with the slowest first."""
    return sorted(cells, key=limits.seconds, reverse=True)


def sums(cells: Sequence[CellTime]) -> str:
    """Return a line with the seconds of all cells, and of the cell of the imports."""
    wall, cpu = sum(cell.wall for cell in cells), sum(cell.cpu for cell in cells)
    line = f"all {len(cells)} cells: {wall:.1f} s (CPU {cpu:.1f} s)"
    for cell in cells:
        if cell.is_setup:
            line += f"; imports, cell {cell.index}: {cell.wall:.1f} s (CPU {cell.cpu:.1f} s)"
    return line


def row_of(cell: CellTime) -> tuple[str, ...]:
    """Return what the columns hold for one cell."""
    numbers = (str(cell.index), str(cell.count), f"{cell.wall:.2f}", f"{cell.cpu:.2f}")
    return (*numbers, cell.slide_type, cell.heading, cell.first_line)


def as_text(name: str, cells: Sequence[CellTime], limits: Limits, n_rows: int) -> str:
    """Return the table of one lesson for the terminal, its sums below.

    Args:
        name: file name of the lesson.
        cells: with their times.
        limits: which seconds count.
        n_rows: how many cells, the slowest first.
    """
    form = "{:>5} {:>4} {:>7} {:>7}  {:10}  {:34.34}  {:.40}"
    rows = [form.format(*COLUMNS)]
    rows += [form.format(*row_of(cell)) for cell in slowest_first(cells, limits)[:n_rows]]
    return "\n".join([name, *rows, sums(cells)])


def _table(name: str, cells: Sequence[CellTime], limits: Limits) -> str:
    """Return the table of one lesson for the page, with all its cells."""
    heads = "".join(f'<th scope="col">{escape(column)}</th>' for column in COLUMNS)
    slow, rows = limits.broken(cells), []
    for cell in slowest_first(cells, limits):
        index, count, wall, cpu, kind, heading, line = map(escape, row_of(cell))
        numbers = "".join(f'<td class="number">{value}</td>' for value in (count, wall, cpu))
        rows.append(
            f'<tr class="slow"><th scope="row">{index} (too slow)</th>'
            if cell in slow
            else f'<tr><th scope="row">{index}</th>'
        )
        rows[-1] += f"{numbers}<td>{kind}</td><td>{heading}</td><td><code>{line}</code></td></tr>"
    caption = f"<caption>Cells of {escape(name)}, the slowest first</caption>"
    table = f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return f'<div class="table" tabindex="0" role="group" aria-label="{escape(name)}">{table}</div>'


def as_html(
    lessons: Mapping[str, Sequence[CellTime]], verdicts: Mapping[str, str], limits: Limits
) -> str:
    """Return a page with one table for each lesson.

    Args:
        lessons: file names with the cells and their times.
        verdicts: file names with the line that says whether the limits hold.
        limits: what a cell may take.
    """
    parts = []
    for name, cells in lessons.items():
        mark = ' class="slow"' if limits.broken(cells) else ""
        parts.append(f"<section><h2>{escape(name)}</h2><p{mark}>{escape(verdicts[name])}</p>")
        parts.append(f"<p>{escape(sums(cells))}</p>{_table(name, cells, limits)}</section>")
    used = "processor seconds" if limits.by == "cpu" else "seconds on the clock"
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{TITLE}</title><style>{STYLE}</style></head><body><main><h1>{TITLE}</h1>"
        f"<p>Limits, in {used}: {limits.cell:g} s for a cell, {limits.setup:g} s for the "
        f"imports.</p>{''.join(parts)}</main></body></html>\n"
    )
