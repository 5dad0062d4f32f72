"""The rules for what is stored in a notebook.

Strict nbval compares a cell with its stored output; a notebook that was never run passes with
nothing compared. These rules demand that something is stored, and that it may be published.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from link_rules import LINK
from notebook_page import FENCE, Page

MIN_ALT = 20  # characters
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
SPEAKING = re.compile(r"(?:print|display|(?:\w+\.)*show|checks\.check_\w+|widgets\.\w+)")
ABSOLUTE_PATH = re.compile(r"(?<![\w.:/~-])(?:~/|file://|/(?:[\w.-]+/)+[\w.-]*|[A-Z]:\\Users)")
LOADS_TEXT = re.compile(r"\b(?:load_names|load_shakespeare|open_shakespeare)\(")
PRINTS_SOURCE = re.compile(r"print\([^)]*\.source\b")
HTML_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)


def cells_were_run_in_order(page: Page) -> list[str]:
    """Execution counts are 1, 2, 3, ... and something was stored."""
    if all(cell.execution_count is None for _, cell in page.code):
        return ["the notebook was never run; run `make notebooks`"]
    found = [
        f"cell {i}: execution count {cell.execution_count}, not {n}; run `make notebooks`"
        for n, (i, cell) in enumerate(page.code, start=1)
        if cell.execution_count != n
    ]
    if not any(cell.outputs for _, cell in page.code):
        found.append("no cell has an output; run `make notebooks`")
    return found


def calls_at_top_level(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls that surely happen when a cell runs: not in functions, not under `if`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            continue
        if isinstance(node, (ast.If, ast.IfExp, ast.Try, ast.While)):
            continue
        if isinstance(node, ast.Call):
            yield node
        yield from calls_at_top_level(node)


def must_print(source: str) -> bool:
    """Say whether a cell surely shows something: a print, a figure, a value at its end.

    >>> must_print("x = 1\\nx"), must_print("x = 1"), must_print("for t in '12': print(t)")
    (True, False, True)
    >>> must_print("def f():\\n    print(1)"), must_print("torch.manual_seed(1)")
    (False, False)
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return False
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr) and not isinstance(last.value, (ast.Call, ast.Await)):
        return not (isinstance(last.value, ast.Constant) and last.value.value is None)
    statements = [node for node in tree.body if isinstance(node, (ast.Expr, ast.For, ast.With))]
    calls = calls_at_top_level(ast.Module(statements, []))
    return any(SPEAKING.fullmatch(ast.unparse(call.func)) for call in calls)


def speaking_cells_have_outputs(page: Page) -> list[str]:
    """A cell that prints, shows a figure or ends in a value has a stored output."""
    return [
        f"cell {i}: shows something when it runs, and no output is stored"
        for i, cell in page.code
        if must_print(cell.source) and cell.execution_count and not cell.outputs
    ]


def no_errors_are_stored(page: Page) -> list[str]:
    """Nothing stored is an error or went to stderr."""
    return [
        f"cell {i}: {output.get('name', output.output_type)} is stored"
        for i, cell in page.code
        for output in cell.outputs
        if output.output_type == "error" or output.get("name") == "stderr"
    ]


def images_have_alt_text(page: Page) -> list[str]:
    """Every picture says in words what it shows, where strict nbval compares it."""
    found = []
    for i, cell in page.code:
        for output in cell.outputs:
            data = output.get("data", {})
            for mime in (m for m in data if m.startswith("image/")):
                details = output.get("metadata", {}).get(mime, {})
                alt = details.get("alt", "") if isinstance(details, dict) else ""
                if len(alt) < MIN_ALT:
                    found.append(f"cell {i}: alt text {alt!r}, at least {MIN_ALT} characters")
                elif data.get("text/plain") != alt:
                    found.append(f"cell {i}: text/plain is not the alt text; use plots.show")
    for i, cell in page.markdown:
        text = FENCE.sub("", cell.source)
        empty = [m[3] for m in LINK.finditer(text) if m[1] and not m[2].strip()]
        bare = [t for t in HTML_IMAGE.findall(text) if not re.search(r"alt=[\"'][^\"']+", t)]
        found += [f"cell {i}: no alt text for {picture}" for picture in empty + bare]
    return found


def no_widget_state(page: Page) -> list[str]:
    """No widget state: GitHub does not draw a notebook that holds it."""
    found = ["metadata.widgets is stored"] if "widgets" in page.notebook.metadata else []
    return found + [
        f"cell {i}: a widget view with a random id is stored"
        for i, cell in page.code
        if any(WIDGET_VIEW in output.get("data", {}) for output in cell.outputs)
    ]


def no_absolute_paths(page: Page) -> list[str]:
    """No path of one person's computer in code, text or stored text."""
    found = []
    for i, cell in enumerate(page.notebook.cells):
        texts = [re.sub(r"\]\([^)]*\)|https?://\S+|</?\w[^>]*>", " ", cell.source)]
        for output in cell.get("outputs", []):
            texts += [output.get("text", ""), output.get("data", {}).get("text/plain", "")]
        for text in texts:
            if match := ABSOLUTE_PATH.search(text):
                found.append(f"cell {i}: the absolute path {match[0]!r}")
    return found


def ids_are_unique(page: Page) -> list[str]:
    """Every cell has an id, and no two the same."""
    ids = [cell.get("id") for cell in page.notebook.cells]
    return [
        f"cell {i}: the id {ident!r} is missing or used twice"
        for i, ident in enumerate(ids)
        if not ident or ids.index(ident) != i
    ]


def texts_say_their_name(page: Page) -> list[str]:
    """A cell that loads a real text prints which text came: it may be the stand-in."""
    return [
        f"cell {i}: loads a text, and does not print its source: is it the stand-in?"
        for i, cell in page.code
        if LOADS_TEXT.search(cell.source) and not PRINTS_SOURCE.search(cell.source)
    ]


STORED_RULES = (
    texts_say_their_name,
    cells_were_run_in_order,
    speaking_cells_have_outputs,
    no_errors_are_stored,
    images_have_alt_text,
    no_widget_state,
    no_absolute_paths,
    ids_are_unique,
)
