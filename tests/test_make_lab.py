"""`make lab` opens the course to this machine alone, and only with a token."""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import lab_server
import psutil
import pytest
from conftest import ROOT

VENV = ROOT / ".venv"

pytestmark = [
    pytest.mark.skipif(shutil.which("make") is None, reason="there is no make"),
    pytest.mark.skipif(Path(sys.prefix).resolve() != VENV.resolve(), reason="this is not .venv"),
]


@pytest.fixture
def made_lab(tmp_path):
    """Start `make lab`; give what Jupyter says about it, and its process."""
    variables = lab_server.environment(tmp_path) | {"CI": "1"}  # CI: open no browser
    command = ["make", "-C", str(ROOT), "lab", f"PORT={lab_server.free_port()}"]
    command += ["-o", ".venv/.installed"]  # a test installs nothing
    log = tmp_path / "lab.log"
    with log.open("wb") as output:
        streams = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": subprocess.STDOUT}
        process = subprocess.Popen(command, env=variables, start_new_session=True, **streams)
        with lab_server.stopped_at_end(process):
            runtime = Path(variables["JUPYTER_RUNTIME_DIR"])
            yield lab_server.wait_for_server(process, runtime, log), process


def status(url: str, **headers: str) -> int:
    """Return the status of the answer, after redirections."""
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def status_and_place(port: int, path: str) -> tuple[int, str]:
    """Return the status of the first answer, and where it leads."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    connection.close()
    return answer.status, answer.headers.get("Location", "")


@pytest.mark.offline
@pytest.mark.skipif(os.name == "nt", reason="make and its shell are those of Linux and macOS")
def test_make_lab_answers_this_machine_alone_and_asks_for_a_token(made_lab):
    facts, process = made_lab
    url, token = facts["url"], facts["token"]
    assert len(token) >= 32
    assert status(f"{url}api/kernels") == 403
    assert status(f"{url}api/kernels", Authorization="token wrong") == 403
    assert status(f"{url}api/kernels", Authorization=f"token {token}") == 200
    code, place = status_and_place(facts["port"], "/lab/tree/README.md")
    assert (code, place.split("?")[0]) == (302, "/login")
    # A page elsewhere that calls this machine by another name gets no answer, token or not.
    stranger = {"Authorization": f"token {token}", "Host": "example.org"}
    assert status(f"{url}api/kernels", **stranger) == 403
    sockets = lab_server.listening(lab_server.family(psutil.Process(process.pid)))
    assert {address for address, _ in sockets} <= {"127.0.0.1", "::1"}
    assert facts["port"] in {port for _, port in sockets}
