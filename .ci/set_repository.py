"""Put the address of the repository in every place that needs it.

    python .ci/set_repository.py https://github.com/you/your-fork
    python .ci/set_repository.py            apply pyproject.toml again (after a new version)
    python .ci/set_repository.py --check    do all places agree?

The address and the version stand in pyproject.toml, and nowhere else by hand. This command
rewrites the badges, the pages and the first code cell of every notebook, and no other byte.
It needs only Python itself.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ADDRESS = re.compile(r"https://github\.com/([A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+?)(\.git)?/?")
PROJECT_ADDRESS = re.compile(r'^(Repository = ")([^"]*)(")', re.MULTILINE)
PROJECT_VERSION = re.compile(r'^version = "([^"]+)"', re.MULTILINE)
COLAB = re.compile(r"colab\.research\.google\.com/github/([\w.-]+/[\w.-]+)/blob/([^/\s)]+)/")
HOSTS = r"(github\.com/|colab\.research\.google\.com/github/|raw\.githubusercontent\.com/)"
PAGES = ("README.md", "CONTRIBUTING.md", "LICENSE", "data/README.md")


def slug_of(address: str) -> str:
    """Return owner/name of an address on GitHub.

    Raises:
        ValueError: It is no such address.
    """
    match = ADDRESS.fullmatch(address)
    if match is None:
        raise ValueError(
            f"{address!r} is not the address of a repository on GitHub. "
            "Write it as https://github.com/OWNER/NAME (Colab opens notebooks from GitHub only)."
        )
    return match[1]


def read(path: Path) -> str:
    """Return a file's text with its line ends as they are."""
    return path.read_bytes().decode("utf-8")


def project(root: Path) -> tuple[str, str]:
    """Return the address and the release tag that pyproject.toml states."""
    text = read(root / "pyproject.toml")
    address, version = PROJECT_ADDRESS.search(text), PROJECT_VERSION.search(text)
    if address is None or version is None:
        raise ValueError('pyproject.toml states no `Repository = "…"` or no `version = "…"`.')
    return f"https://github.com/{slug_of(address[2])}", f"v{version[1]}"


def notebooks(root: Path) -> list[Path]:
    """Return every notebook of the course."""
    return sorted((root / "notebooks").glob("*.ipynb")) + sorted(
        (root / "notebooks" / "solutions").glob("*.ipynb")
    )


def pages(root: Path) -> list[Path]:
    """Return every written page that may hold the address."""
    return [root / name for name in PAGES if (root / name).is_file()]


def bootstrap_source(root: Path, address: str, tag: str) -> str:
    """Return the first code cell of every notebook: .ci/bootstrap_cell.py, filled in."""
    template = read(root / ".ci" / "bootstrap_cell.py").replace("\r\n", "\n").rstrip("\n")
    return template.replace("@REPOSITORY@", address).replace("@TAG@", tag)


def as_stored(source: str) -> str:
    """Return a cell's source as it stands in the text of a notebook file."""
    lines = json.dumps(source.splitlines(keepends=True), indent=1, ensure_ascii=False)
    return lines.replace("\n", "\n   ")


def bootstrap_cells(text: str) -> list[str]:
    """Return the sources of a notebook's cells that carry the tag bootstrap."""
    cells = json.loads(text)["cells"]
    tagged = [cell for cell in cells if "bootstrap" in cell["metadata"].get("tags", [])]
    return ["".join(cell["source"]) for cell in tagged]


def with_bootstrap(text: str, source: str, name: str) -> str:
    """Return a notebook's text with its bootstrap cell replaced.

    Raises:
        ValueError: The file is not in the form that `make notebooks` writes.
    """
    for old in bootstrap_cells(text):
        if as_stored(old) not in text:
            raise ValueError(f"{name} is not in normal form. Run `make notebooks` first.")
        text = text.replace(as_stored(old), as_stored(source))
    return text


def with_address(text: str, old_slugs: set[str], slug: str, tag: str) -> str:
    """Return text with every address of the course, and every tag in such an address, renewed."""
    names = "|".join(re.escape(old) for old in sorted(old_slugs, key=len, reverse=True))
    whole_name = r"(?=\.git\b|(?![\w-]|\.\w))"  # not the start of a longer name
    text = re.sub(f"{HOSTS}({names}){whole_name}", lambda match: match[1] + slug, text)
    tagged = rf"{HOSTS}{re.escape(slug)}/(blob|tree|raw)/v\d[^/\s)]*(?=/|$)"
    return re.sub(tagged, lambda match: f"{match[1]}{slug}/{match[2]}/{tag}", text)


def rewrite(root: Path, address: str | None = None) -> list[Path]:
    """Put the address in every place; return the files that changed.

    Raises:
        ValueError: The address is malformed, or a notebook is not in normal form.
    """
    old, tag = project(root)
    new = f"https://github.com/{slug_of(old if address is None else address)}"
    texts = {path: read(path) for path in [*pages(root), *notebooks(root)]}
    slugs = {slug_of(old)}
    slugs.update(match[1] for text in texts.values() for match in COLAB.finditer(text))
    for path, text in texts.items():
        texts[path] = with_address(text, slugs, slug_of(new), tag)
        if path.suffix == ".ipynb":
            texts[path] = with_bootstrap(texts[path], bootstrap_source(root, new, tag), path.name)
    path = root / "pyproject.toml"
    texts[path] = PROJECT_ADDRESS.sub(lambda match: match[1] + new + match[3], read(path))
    return save(texts)


def save(texts: dict[Path, str]) -> list[Path]:
    """Write the files whose text is new; return them."""
    changed = [path for path, text in texts.items() if read(path) != text]
    for path in changed:
        path.write_bytes(texts[path].encode("utf-8"))
    return changed


def disagreements(root: Path) -> list[str]:
    """Say which badge, page or bootstrap cell does not follow pyproject.toml."""
    address, tag = project(root)
    slug, source, found = slug_of(address), bootstrap_source(root, address, tag), []
    for path in [*pages(root), *notebooks(root)]:
        text, name = read(path), path.relative_to(root).as_posix()
        for match in COLAB.finditer(text):
            if (match[1], match[2]) != (slug, tag):
                found.append(f"{name}: a Colab badge names {match[1]} at {match[2]}")
        if with_address(text, {slug}, slug, tag) != text:
            found.append(f"{name}: a link names another tag than {tag}")
        if path.suffix == ".ipynb" and bootstrap_cells(text) != [source]:
            found.append(f"{name}: its bootstrap cell is not .ci/bootstrap_cell.py, filled in")
    return found


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description="Put the repository's address in every place.")
    parser.add_argument("repository", nargs="?", help="https://github.com/OWNER/NAME")
    parser.add_argument("--check", action="store_true", help="only say whether all agree")
    options = parser.parse_args(arguments)
    try:
        if not options.check:
            for path in rewrite(root, options.repository):
                print(f"changed {path.relative_to(root).as_posix()}")
        found = disagreements(root)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    address, tag = project(root)
    print("\n".join(found) or f"Every place names {address} at {tag}.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
