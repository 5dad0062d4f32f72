"""JupyterLab for the course: this machine alone, with a token, whatever the user's settings say."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lab_server
import psutil
import pytest
from conftest import ROOT

from presenting import lab, lab_app, lab_login

# A file of settings that opens everything it can.
OPEN = """c = get_config()
c.ServerApp.ip = "0.0.0.0"
c.ServerApp.token = ""
c.ServerApp.password = ""
c.IdentityProvider.token = ""
c.PasswordIdentityProvider.hashed_password = ""
# JupyterLab copies those of these two over those of ServerApp.
for app in (c.NotebookApp, c.LabApp):
    app.ip = "0.0.0.0"
    app.identity_provider_class = "jupyter_server.auth.identity.PasswordIdentityProvider"
c.KernelManager.ip = "0.0.0.0"
"""
PRIVATE = ["/api/contents", "/api/kernels", "/api/sessions", "/api/terminals", "/files/README.md"]
PRIVATE += [lab.start_page(None), lab.start_page("04"), "/lab/api/workspaces/present", "/metrics"]
KERNEL_PORTS = 5  # shell, iopub, stdin, control, heartbeat
SOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}

pytestmark = pytest.mark.offline


@contextmanager
def started(folder: Path, settings: str) -> Iterator[tuple[dict[str, Any], psutil.Process]]:
    """Start `python -m presenting.lab` beside a file of settings; give its facts and process."""
    variables = lab_server.environment(folder) | {"CI": "1", "JUPYTER_TOKEN": ""}
    config = Path(variables["JUPYTER_CONFIG_DIR"])
    config.mkdir(parents=True)
    for name in ("jupyter_config", "jupyter_server_config", "jupyter_lab_config"):
        (config / f"{name}.py").write_text(settings, encoding="utf-8")
    port = str(lab_server.free_port())
    command = [sys.executable, "-m", "presenting.lab", "--port", port, "--"]
    log = folder / "lab.log"
    with log.open("wb") as output:
        streams = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": subprocess.STDOUT}
        process = subprocess.Popen(
            [*command, *lab_server.ENDS_BY_ITSELF],
            cwd=ROOT,
            env=variables,
            start_new_session=True,
            **streams,
        )
        with lab_server.stopped_at_end(process):
            facts = lab_server.wait_for_server(process, Path(variables["JUPYTER_RUNTIME_DIR"]), log)
            yield facts | {"log": log}, psutil.Process(process.pid)


@pytest.fixture(scope="module", params=["", OPEN], ids=["no settings", "open settings"])
def server(request, tmp_path_factory):
    """Start the server once for all tests, with each of two files of settings."""
    with started(tmp_path_factory.mktemp("lab"), request.param) as running:
        yield running


def ask(port: int, path: str, method: str = "GET", body: str | None = None, **headers: str):
    """Return (status, headers, text) of one answer; redirections are not followed."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body=body, headers=headers)
    answer = connection.getresponse()
    # An accepted socket has no end to wait for.
    text = "" if answer.status == 101 else answer.read().decode("utf-8", "replace")
    connection.close()
    return answer.status, answer.headers, text


def addresses(process: psutil.Process) -> set[str]:
    """Return the addresses that a process and its children listen on."""
    return {address for address, _ in lab_server.listening(lab_server.family(process))}


@pytest.mark.parametrize("path", PRIVATE)
def test_nothing_is_shown_without_the_token(server, path):
    status, headers, _ = ask(server[0]["port"], path)
    assert status == 403 or (status == 302 and headers["Location"].startswith("/login"))
    assert ask(server[0]["port"], f"{path}?token=wrong")[0] in (302, 403)


def test_nothing_is_done_without_the_token(server):
    port = server[0]["port"]
    for path in ("/api/kernels", "/api/terminals", "/api/contents/notebooks"):
        assert ask(port, path, "POST", "{}")[0] == 403
    assert ask(port, "/api/contents/README.md", "DELETE")[0] == 403
    assert ask(port, "/api/shutdown", "POST", "{}")[0] == 403


def test_the_printed_address_has_the_token_and_opens_the_course(server):
    facts = server[0]
    assert len(facts["token"]) >= 32
    assert f"token={facts['token']}" in facts["log"].read_text(encoding="utf-8")
    path = f"{lab.start_page(None)}?token={facts['token']}"
    assert ask(facts["port"], path)[0] == 200


def test_the_token_is_not_in_the_command_line(server):
    facts, process = server
    assert facts["token"] not in " ".join(process.cmdline())


def ports_of_kernel(process: psutil.Process) -> set[int]:
    """Wait until a kernel has its five ports; return all ports of the server's children."""
    end = time.monotonic() + lab_server.START_LIMIT
    while time.monotonic() < end:
        sockets = lab_server.listening(process.children(recursive=True))
        found = {port for _, port in sockets}
        if len(found) >= KERNEL_PORTS:
            return found
        time.sleep(0.1)
    pytest.fail("The kernel did not open its ports.")


def test_listening_counts_who_listens_and_passes_over_who_has_ended():
    ending = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    ended = psutil.Process(ending.pid)
    ending.communicate(b"\n")
    with socket.create_server(("127.0.0.1", 0)) as mine:
        address = mine.getsockname()
        assert address in lab_server.listening([ended, psutil.Process()])
    assert address not in lab_server.listening([ended, psutil.Process()])


def test_every_socket_is_on_loopback_those_of_a_kernel_too(server):
    facts, process = server
    mine = {"Authorization": f"token {facts['token']}"}
    status, _, text = ask(facts["port"], "/api/kernels", "POST", "{}", **mine)
    assert status == 201
    channels = f"/api/kernels/{json.loads(text)['id']}/channels"
    assert facts["port"] not in ports_of_kernel(process)
    assert addresses(process) <= {"127.0.0.1", "::1"}
    assert ask(facts["port"], channels, **SOCKET)[0] == 403
    assert ask(facts["port"], channels, **SOCKET, **mine)[0] == 101
    assert ask(facts["port"], channels, **SOCKET, **mine, Host="example.org")[0] == 403


def test_a_page_from_elsewhere_gets_nothing_with_the_cookie_of_its_reader(server):
    facts, _ = server
    port, home = facts["port"], f"http://127.0.0.1:{facts['port']}"
    _, headers, _ = ask(port, f"/api/status?token={facts['token']}")
    cookie = {"Cookie": "; ".join(c.split(";")[0] for c in headers.get_all("Set-Cookie"))}
    assert ask(port, "/api/contents", **cookie, Referer=f"{home}/lab")[0] == 200
    evil = {"Origin": "http://example.org", "Referer": "http://example.org/page"}
    for path, method in (("/api/contents", "GET"), ("/api/kernels", "POST")):
        status, answer, text = ask(port, path, method, **cookie, **evil)
        assert (status, answer["Access-Control-Allow-Origin"]) in [(403, None), (404, None)], text
    assert ask(port, "/api/kernels/x/channels", **SOCKET, **cookie, **evil)[0] in (403, 404)
    assert ask(port, "/api/contents", **cookie, Host="example.org")[0] == 403


def test_what_the_user_gives_on_purpose_takes_the_place_of_ours():
    open_on_purpose = ["--ip=0.0.0.0", "--IdentityProvider.token=", "--port=9000"]
    line = lab.command(None, 8888, open_on_purpose, screen=True)
    assert line[-3:] == open_on_purpose
    assert not any(".ip=" in part and "Kernel" not in part for part in line)
    assert not any("identity_provider" in part or "8888" in part for part in line)


def test_a_token_or_password_of_the_user_is_kept(monkeypatch):
    monkeypatch.delenv("JUPYTER_TOKEN", raising=False)
    assert lab_login.AlwaysAsk(token="of the user").token == "of the user"
    empty = lab_login.AlwaysAsk(token="")
    assert (len(empty.token), empty.token_generated) == (48, True)
    assert lab_login.AlwaysAsk(token="", hashed_password="argon2:x").token == ""
    monkeypatch.setenv("JUPYTER_TOKEN", "of the surroundings")
    assert lab_login.AlwaysAsk(token="").token == "of the surroundings"


@pytest.mark.parametrize(
    ("content", "kept"), [("", ""), (" \n", ""), ("of the file\n", "of the file")]
)
def test_an_empty_token_file_does_not_open_the_door(content, kept, tmp_path, monkeypatch):
    (tmp_path / "token").write_text(content, encoding="utf-8")
    monkeypatch.delenv("JUPYTER_TOKEN", raising=False)
    monkeypatch.setenv("JUPYTER_TOKEN_FILE", str(tmp_path / "token"))
    token = lab_login.AlwaysAsk().token
    assert token == kept or (not kept and len(token) == 48)
    assert lab_login.AlwaysAsk(hashed_password="argon2:x", token="").token == ""


def test_the_log_does_not_ask_to_change_what_is_given_on_purpose(server):
    assert lab_app.MOVED not in server[0]["log"].read_text(encoding="utf-8")
