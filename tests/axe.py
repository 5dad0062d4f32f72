"""Ask axe-core what keeps people from reading a page."""

from __future__ import annotations

from typing import Any

from presenting.npm import package

COLOURS = ("color-contrast", "link-in-text-block")
GRAVE = {"serious", "critical"}
ASK = """(rules) => axe.run(document, {
  resultTypes: ["violations"],
  ...(rules ? { runOnly: rules } : {}),
})"""


def grave_findings(page: Any, *, rules: tuple[str, ...] | None = None) -> list[str]:
    """Return what axe-core calls serious or critical on what the page shows now.

    Args:
        page: A page of Playwright (sync).
        rules: The names of the rules to ask for; None asks for all.
    """
    page.add_script_tag(path=package("axe-core") / "axe.min.js")
    answer = page.evaluate(ASK, list(rules) if rules else None)
    return [
        f"{found['id']} ({found['impact']}): {node['html'][:200]}\n{node['failureSummary']}"
        for found in answer["violations"]
        if found["impact"] in GRAVE
        for node in found["nodes"]
    ]
