"""The writing box in a real kernel, pressed as a browser presses it."""

from __future__ import annotations

from conftest import ROOT
from jupyter_client.manager import start_new_kernel
from kernel_start import patient

LIMIT = 60  # seconds to wait for a message before the test fails

IN_A_KERNEL = """
from course_utils.widgets import writing_box
def write(prompt, **options):
    while True:
        yield "ab"
box = writing_box(write, title="t", prompt="R:", length=2000, letters_per_second=60)
print(box.write_button.model_id, box.stop_button.model_id, box.paper.model_id, box.message.model_id)
"""


def press(kernel, button: str) -> None:
    """Send what the browser sends when a button is pressed."""
    click = {"method": "custom", "content": {"event": "click"}}
    message = kernel.session.msg("comm_msg", {"comm_id": button, "data": click})
    kernel.shell_channel.send(message)


def until(kernel, widget: str, text: str) -> None:
    """Read the kernel's messages until a widget shows the text."""
    while True:
        content = kernel.get_iopub_msg(timeout=LIMIT)["content"]
        state = content.get("data", {}).get("state", {}) if "comm_id" in content else {}
        if content.get("comm_id") == widget and text in state.get("value", ""):
            return


def test_in_a_kernel_the_text_arrives_while_the_button_stop_is_heard() -> None:
    manager, kernel = patient(start_new_kernel)(kernel_name="python3", cwd=str(ROOT))
    try:
        said = []
        kernel.execute_interactive(IN_A_KERNEL, timeout=LIMIT, output_hook=said.append)
        errors = [m["content"] for m in said if m["msg_type"] == "error"]
        assert [f"{error['ename']}: {error['evalue']}" for error in errors] == []
        texts = [m["content"]["text"] for m in said if m["msg_type"] == "stream"]
        write, stop, paper, message = "".join(texts).split()
        press(kernel, write)
        until(kernel, paper, "<b>R:</b>ab")
        # The kernel answers other cells while the network writes.
        reply = kernel.execute_interactive("assert box._run", timeout=LIMIT)
        assert reply["content"]["status"] == "ok"
        press(kernel, stop)
        until(kernel, message, "Stopped: ")
    finally:
        kernel.stop_channels()
        manager.shutdown_kernel(now=True)
