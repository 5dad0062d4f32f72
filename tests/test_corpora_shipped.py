"""What ships in data/: the surname lists, the registry, and the README that describes them."""

import hashlib
import json
import re
import unicodedata
from pathlib import Path

import pytest

from course_utils.corpora import fetching, registry

DATA = Path(__file__).parents[1] / "data"
README = (DATA / "README.md").read_text(encoding="utf-8")
LANGUAGES = (
    "Arabic Chinese Czech Dutch English French German Greek Irish Italian Japanese Korean Polish "
    "Portuguese Russian Scottish Spanish Vietnamese"
).split()

pytestmark = pytest.mark.offline  # these also hold with no network and no mirror


def problems_of(content):
    """List what is wrong with the bytes of a surname list."""
    text = content.decode("utf-8")
    names = text.removesuffix("\n").split("\n")
    found = [f"not a name: {name!r}" for name in names if not is_name(name)]
    found += ["no line feed at the end"] * (not text.endswith("\n"))
    found += ["not sorted"] * (names != sorted(names))
    found += ["duplicates"] * (len(names) != len(set(names)))
    found += ["not in form NFC"] * (text != unicodedata.normalize("NFC", text))
    return found + ["fewer than 60 names"] * (len(names) < 60)


def is_name(name):
    return name == name.strip() and bool(name) and all(c.isalpha() or c in " '-" for c in name)


def test_exactly_18_languages():
    assert sorted(path.stem for path in (DATA / "names").iterdir()) == LANGUAGES
    assert registry.languages() == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_surname_list(language):
    assert problems_of((DATA / "names" / f"{language}.txt").read_bytes()) == []


def test_at_least_fourteen_long_lists():
    files = (DATA / "names").glob("*.txt")
    assert sum(len(path.read_bytes().splitlines()) >= 100 for path in files) >= 14


GOOD = [chr(c) + chr(c).lower() * n for c in range(ord("A"), ord("Z")) for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ([*GOOD, "R2D2"], "not a name: 'R2D2'"),
        ([*GOOD, ""], "not a name: ''"),
        ([*GOOD, "Zz "], "not a name: 'Zz '"),
        ([*GOOD, "Aaa"], "not sorted"),
        ([*GOOD, GOOD[-1]], "duplicates"),
        ([*GOOD, "Zo\u0308e"], "not in form NFC"),
        (GOOD[:59], "fewer than 60 names"),
    ],
)
def test_a_bad_list_is_noticed(names, problem):
    assert problem in problems_of(("\n".join(names) + "\n").encode())
    assert problems_of(("\n".join(GOOD) + "\n").encode()) == []


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("Polish", ["Ślusarczyk", "Wójcik", "Żukowski"]),
        ("Vietnamese", ["Nguyễn", "Đặng"]),
        ("Irish", ["O'Brien", "Ó Súilleabháin"]),
        ("French", ["Lefèvre", "Étienne"]),
        ("German", ["Groß", "Müller"]),
    ],
)
def test_letters_have_their_marks(language, names):
    known = (DATA / "names" / f"{language}.txt").read_text(encoding="utf-8").split("\n")
    assert set(names) <= set(known)


def test_readme_table_of_downloads_is_the_registry():
    rows = re.findall(r"(?m)^\| `([^`]+)` \| (\d+) \| `([0-9a-f]{64})` \|$", README)
    found = {name: {"bytes": int(size), "sha256": digest} for name, size, digest in rows}
    assert found == json.loads((DATA / "registry.json").read_text(encoding="utf-8"))["files"]
    assert len(rows) == 19


def test_readme_table_of_shipped_files_is_true():
    pattern = r"(?m)^\| `([^`]+)` \| ([^|]+) \| (\d+) \| `([0-9a-f]{64})` \|$"
    rows = re.findall(pattern, README)
    on_disk = {p.relative_to(DATA).as_posix() for p in DATA.glob("[!c]*/*") if p.is_file()}
    assert {name for name, *_ in rows} == on_disk | {"registry.json"}
    for name, contents, size, digest in rows:
        content = (DATA / name).read_bytes()
        assert (int(size), digest) == (len(content), hashlib.sha256(content).hexdigest()), name
        if name.startswith("names/"):
            assert contents == f"{len(content.splitlines())} surnames"


def test_pinned_addresses():
    sources = json.loads((DATA / "registry.json").read_text(encoding="utf-8"))["sources"]
    for source in sources.values():
        assert f"| {source['address']} | {source['licence']} |" in README
    raw = "https://raw.githubusercontent.com/"
    assert registry.entry("names/Polish.txt").address == (
        f"{raw}spro/practical-pytorch/c520c52e68e945d88fff563dba1c028b6ec0197b/data/names/Polish.txt"
    )
    assert registry.entry("tinyshakespeare/input.txt").address == (
        f"{raw}karpathy/char-rnn/6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e/"
        "data/tinyshakespeare/input.txt"
    )


def test_default_folder_is_data_cache(monkeypatch):
    monkeypatch.delenv("COURSE_DATA_DIR", raising=False)
    assert fetching.download_folder(None) == DATA / "cache"


def test_missing_data_folder_is_explained():
    with pytest.raises(FileNotFoundError, match="inside the course's repository"):
        registry.shipped("nothing")
