"""Nothing executes what a file holds; no notebook starts a shell; pages get escaped text only."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import nbformat
import pytest
import security_rules as rules
from conftest import ROOT

CODE = ("course_utils", "presenting", "benchmarks", "reliability", ".ci")
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))
# "file: what" -> why it is good. Keep it short: mending is better.
OWN_CELLS = "runs the cells of the course's own notebooks, to see where their tensors are"
ALLOWED = {
    "reliability/devices/lessons.py: exec runs text as code": OWN_CELLS,
    "reliability/devices/lessons.py: compile runs text as code": OWN_CELLS,
}
# The only files that make HTML for widgets; see test_security_texts.py for what they show.
MAKE_PAGES = {"course_utils/widgets/panel.py", "course_utils/widgets/writer.py"}
SHOWN = re.compile(r"\.(?:message|paper)\.value$")
OUTSIDE = re.compile(
    r"^\s*[!%]|get_ipython|\bos\.(?:system|popen|startfile)"
    r"|\b(?:(?:exec|spawn)[lv]p?e?|posix_spawnp?|create_subprocess_\w+|subprocess|pty|pexpect"
    r"|popen\w*|ctypes|socket|__import__|importlib)\b",
    re.MULTILINE,
)
SECRET = re.compile(
    r"AKIA[0-9A-Z]{16}|gh[pousr]_\w{36}|github_pat_\w{22}|\bhf_[A-Za-z]{30,}|\bsk-[A-Za-z0-9]{32}"
    r"|xox[abp]-\w{10}|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----|pypi-AgEI\w{20}"
)
PRIVATE_PATH = re.compile(r"/(?:home|root|tmp|Users|content)/\w|[A-Z]:\\\\?Users|site-packages")

pytestmark = pytest.mark.offline


def python_files(*folders: str) -> list[Path]:
    """Return the Python files of some folders, in order."""
    return sorted(path for name in folders for path in (ROOT / name).rglob("*.py"))


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    """Return the code cells of a notebook."""
    return [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]


BREACHES = [
    "eval(text)", "exec(open(p).read())", "compile(t, 'x', 'exec')", "__import__(name)",
    "import pickle as p\np.loads(b)", "from marshal import loads", "import joblib",
    "import torch\ntorch.load(p)", "from torch import load\nload(p)", "import shelve",
    "import numpy as np\nnp.load(p)", "import numpy as np\nnp.load(p, allow_pickle=True)",
    "import yaml\nyaml.load(t)", "import pandas as pd\npd.read_pickle(p)",
    "import xml.etree.ElementTree as E", "import os\nos.system('ls')", "import os\nos.popen('ls')",
    "import subprocess\nsubprocess.run('ls')", "from subprocess import run\nrun(f'ls {x}')",
    "import subprocess as s\ns.run(x, shell=True)", "import subprocess as s\ns.Popen('a' + b)",
    "import subprocess\nsubprocess.getoutput('ls')", "import pty\npty.spawn('sh')",
    "import tempfile\ntempfile.mktemp()", "import requests\nrequests.get(u)",
    "import urllib.request\nurllib.request.urlopen(u)", "import hashlib\nhashlib.md5(b)",
    "from hashlib import sha1\nsha1(b)", "tar.extractall(p)", "zip.extract(m)",
    "import shutil\nshutil.unpack_archive(p)", "get_ipython().system('ls')",
    "import os as o\no.spawnvp(0, a, b)", "from os import posix_spawn\nposix_spawn(a, b, c)",
    "import gensim\nx.run_cell_magic('bash', '', t)", "import builtins\nbuiltins.eval(t)",
]  # fmt: skip
GOOD = [
    "model.eval()", "import re\nre.compile(t)", "import ast\nast.literal_eval(t)",
    "import numpy as np\nnp.load(p, allow_pickle=False)", "import yaml\nyaml.safe_load(t)",
    "import subprocess\nsubprocess.run(['git', 'clone', address], check=True)",
    "import requests\nrequests.get(u, timeout=3)", "import hashlib\nhashlib.sha256(b)",
    "tar.extractfile(m)", "import json\njson.load(f)",
]  # fmt: skip


@pytest.mark.parametrize("source", BREACHES)
def test_each_breach_is_found(source):
    assert list(rules.problems(source))


@pytest.mark.parametrize("source", GOOD)
def test_good_code_passes(source):
    assert list(rules.problems(source)) == []


@pytest.mark.parametrize("folder", CODE)
def test_no_code_executes_data_or_starts_a_shell(folder):
    files = python_files(folder)
    assert files
    found = []
    for path in files:
        name = path.relative_to(ROOT).as_posix()
        found += rules.problems(path.read_text(encoding="utf-8"), name)
    kept = [line for line in found if re.sub(r":\d+:", ":", line) not in ALLOWED]
    assert kept == []
    assert len(found) - len(kept) == sum(name.startswith(folder) for name in ALLOWED)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_no_notebook_starts_a_program_outside_the_bootstrap_cell(path):
    for index, cell in enumerate(code_cells(path)):
        assert list(rules.problems(cell.source, f"{path.name}, code cell {index}")) == []
        if "bootstrap" not in cell.metadata.get("tags", []):
            assert OUTSIDE.findall(cell.source) == []
        else:
            assert index == 0


@pytest.mark.parametrize(
    "line",
    ["!ls", "x = 1\n  %%bash", "%system", "import subprocess", "os.system(a)", "pty.spawn"]
    + ["os.execv(a, b)", "from os import execvp", "o.spawnlpe(0, a)", "o.posix_spawn(a, b, c)"]
    + ["asyncio.create_subprocess_exec(a)", "asyncio.create_subprocess_shell(a)"],
)
def test_each_way_out_of_a_notebook_is_found(line):
    assert OUTSIDE.search(line)


def test_the_bootstrap_cell_runs_git_clone_alone_with_a_list():
    source = (ROOT / ".ci" / "bootstrap_cell.py").read_text(encoding="utf-8")
    tree = ast.parse(source)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    (run,) = [node for node in calls if ast.unparse(node.func).startswith("subprocess.")]
    assert ast.unparse(run.func) == "subprocess.run"
    assert ast.unparse(run.args[0]) == "clone"
    assert "shell" not in [word.arg for word in run.keywords]
    assigned = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    (clone,) = [node.value for node in assigned if ast.unparse(node.targets[0]) == "clone"]
    assert isinstance(clone, ast.List)
    assert [ast.literal_eval(part) for part in clone.elts[:2]] == ["git", "clone"]


def test_widgets_show_escaped_text_only():
    makers = {}
    for path in python_files(*CODE):
        if rules.pages_made(path.read_text(encoding="utf-8")):
            makers[path.relative_to(ROOT).as_posix()] = path
    assert set(makers) == MAKE_PAGES
    for path in makers.values():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        stored = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
        stored = [node for node in stored if SHOWN.search(ast.unparse(node.targets[0]))]
        assert stored
        assert all(ast.unparse(node.value).startswith("message_html(") for node in stored)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_nothing_private_is_stored_in_a_notebook(path):
    for cell in code_cells(path):
        for output in cell.outputs:
            kinds = output.get("data", {})
            texts = [str(kinds[kind]) for kind in kinds if not kind.startswith("image/")]
            stored = "\n".join([output.get("text", ""), *texts])
            assert not PRIVATE_PATH.search(stored)
            assert not re.search(r"<script|javascript:|\son\w+=", stored, re.IGNORECASE)


def test_no_file_holds_a_key():
    files = [*python_files(*CODE, "tests"), *NOTEBOOKS, *ROOT.glob("*.*"), *ROOT.glob("docs/*")]
    files += [*ROOT.glob(".github/workflows/*"), *(ROOT / "presenting").rglob("*.js*")]
    texts = {p: p.read_text(encoding="utf-8", errors="replace") for p in files if p.is_file()}
    assert len(texts) > 400
    assert [str(path) for path, text in texts.items() if SECRET.search(text)] == []
    assert SECRET.search("AKIA" + "A" * 16)
    assert SECRET.search("-----BEGIN " + "PRIVATE KEY-----")
