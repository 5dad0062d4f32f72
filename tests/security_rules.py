"""What code of this project may not do: run what a file holds, start a shell, trust a pickle.

A rule looks at the syntax tree of one file or cell and returns problems, each with its line. Names
are followed through imports: `import pickle as p; p.load(f)` is found.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

# Full name of what is called -> why not. A name that ends in a point forbids all that begins so.
CALLS = {
    **dict.fromkeys(("eval", "exec", "compile", "__import__"), "runs text as code"),
    **dict.fromkeys(("pickle.", "marshal.", "shelve.", "dill."), "reading it can run code"),
    **dict.fromkeys(("joblib.", "cloudpickle."), "reading it can run code"),
    **dict.fromkeys(("torch.load", "torch.save", "torch.hub.", "torch.jit.load"), "is a pickle"),
    **dict.fromkeys(("pandas.read_pickle", "runpy.", "codeop."), "can run code"),
    **dict.fromkeys(("yaml.load", "yaml.unsafe_load", "yaml.full_load"), "use yaml.safe_load"),
    **dict.fromkeys(("os.system", "os.popen", "pty.", "popen2."), "is a shell"),
    **{f"os.spawn{how}": "starts a program" for how in "l le lp lpe v ve vp vpe".split()},
    **dict.fromkeys(("os.posix_spawn", "os.posix_spawnp", "os.startfile"), "starts a program"),
    **dict.fromkeys(("subprocess.getoutput", "subprocess.getstatusoutput"), "is a shell"),
    **dict.fromkeys(("asyncio.create_subprocess_shell", "get_ipython"), "is a shell"),
    "tempfile.mktemp": "another program can make that file first: use mkstemp",
    **dict.fromkeys(("hashlib.md5", "hashlib.sha1"), "is no checksum to trust: use sha256"),
    "shutil.unpack_archive": "an archive can climb out of its folder",
    **dict.fromkeys(("builtins.", "ctypes."), "goes around the rules"),
}
# Names of methods, of whatever object.
METHODS = {
    "extractall": "an archive can climb out of its folder",
    "extract": "an archive can climb out of its folder",
    "read_pickle": "reading it can run code",
    "system": "is a shell",
    "getoutput": "is a shell",
    "run_cell_magic": "runs text as code",
    "run_line_magic": "runs text as code",
}
MODULES = {"xml", "lxml", "pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle", "pty"}
WAITS = ("requests.get", "requests.post", "requests.head", "requests.request")
WAITS += ("urllib.request.urlopen", "http.client.HTTPConnection", "http.client.HTTPSConnection")
PROCESSES = ("run", "call", "check_call", "check_output", "Popen")
PAGES = ("HTML", "HTMLMath", "Javascript", "SVG", "Markdown", "Latex")


def full_names(tree: ast.AST) -> dict[str, str]:
    """Return name in the file -> full name of what was imported under it."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {
                a.asname or a.name.split(".")[0]: a.asname and a.name or a.name.split(".")[0]
                for a in node.names
            }
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return names


def called(node: ast.Call, names: dict[str, str]) -> str:
    """Return the full name of what is called, such as "numpy.load"; "" for anything else."""
    parts, at = [], node.func
    while isinstance(at, ast.Attribute):
        parts.append(at.attr)
        at = at.value
    if not isinstance(at, ast.Name):
        return ".".join(["?", *reversed(parts)])
    return ".".join([names.get(at.id, at.id), *reversed(parts)])


def keyword(node: ast.Call, name: str) -> object:
    """Return the constant that a call gives for a keyword; None without it."""
    given = [k.value for k in node.keywords if k.arg == name]
    return getattr(given[0], "value", given[0]) if given else None


def is_text(node: ast.AST | None) -> bool:
    """Say whether an expression is a text, as far as one can see."""
    if isinstance(node, ast.BinOp):
        return is_text(node.left) or is_text(node.right)
    join = isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("join", "format")
    constant = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return isinstance(node, ast.JoinedStr) or join or constant


def calls_problem(node: ast.Call, name: str) -> str | None:
    """Say what is wrong with one call, if anything."""
    for key, why in CALLS.items():
        if name == key or (key.endswith(".") and name.startswith(key)):
            return f"{name} {why}"
    last = name.split(".")[-1]
    if "." in name and last in METHODS:
        return f".{last} {METHODS[last]}"
    if name == "numpy.load" and keyword(node, "allow_pickle") is not False:
        return "numpy.load without allow_pickle=False"
    if name in WAITS and keyword(node, "timeout") is None:
        return f"{name} without a timeout can wait for ever"
    if keyword(node, "shell"):
        return f"{name} with shell=True"
    if name.startswith("subprocess.") and last in PROCESSES and is_text(node.args[0]):
        return f"{name} with a text: give a list"
    return None


def problems(source: str, name: str = "<text>") -> Iterator[str]:
    """Yield "name:line: what is wrong" for what no code of this project may do."""
    tree = ast.parse(source, name)
    names = full_names(tree)
    for node in ast.walk(tree):
        line = f"{name}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            modules = [a.name for a in node.names]
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else modules
            bad = [module for module in modules if module.split(".")[0] in MODULES]
            yield from (f"{line}: imports {module}" for module in bad)
        elif isinstance(node, ast.Call) and (found := calls_problem(node, called(node, names))):
            yield f"{line}: {found}"


def pages_made(source: str) -> list[str]:
    """Return the calls that make a piece of a page: text that goes in there must be escaped."""
    tree = ast.parse(source)
    names = full_names(tree)
    made = [called(node, names) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [name for name in made if name.split(".")[-1] in PAGES]
