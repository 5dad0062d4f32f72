"""A box in which a network writes, letter by letter, and which can be stopped while it writes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextvars import copy_context
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

import ipywidgets

from course_utils.arguments import real_number
from course_utils.widgets.panel import message_html, stored_text

FRAMES_PER_SECOND = 15  # more would only fill the line to the browser

Write = Callable[..., Iterable[str]]


@dataclass(eq=False)
class _Run:
    """One text that is being written: what was asked for, the sign to stop, what came so far."""

    prompt: str
    length: int
    options: Mapping[str, Any]
    stop: threading.Event = field(default_factory=threading.Event)
    written: str = ""


class WritingBox(ipywidgets.VBox):
    """A prompt, sliders and two buttons above the text that a network writes.

    The network writes in a thread, so that Python stays free to hear the button Stop. Only one
    thread writes at a time: a new one waits until the one before it has ended.

    Attributes:
        controls: name -> widget: prompt, temperature, top_k, top_p, seed, length.
        write_button, stop_button: what a reader presses; `write` and `stop` do the same from code.
        text: the text that is shown, with its prompt.
        paper: the HTML that shows it.
        message: the HTML line beside the buttons: what is going on, or what went wrong.
    """

    def __init__(
        self,
        write: Write,
        title: str,
        controls: Mapping[str, Any],
        *,
        start_text: str,
        letters_per_second: float | None,
    ):
        """Show the controls and the text at rest; nothing is written yet."""
        self.controls, self.text = dict(controls), start_text
        self._write, self._title, self._pace = write, title, letters_per_second
        self._lock = threading.Lock()
        self._run: _Run | None = None
        self._thread: threading.Thread | None = None
        self.write_button = ipywidgets.Button(description="Write", button_style="primary")
        self.stop_button = ipywidgets.Button(description="Stop", disabled=True)
        self.write_button.on_click(lambda _: self.write())
        self.stop_button.on_click(lambda _: self.stop())
        self.paper = ipywidgets.HTML(layout={"flex": "0 0 auto"})
        self.message = ipywidgets.HTML(layout={"flex": "1 1 400px", "margin": "0 0 0 16px"})
        super().__init__(self._parts())
        self._show("", start_text)
        self._say("Press Write, and the network writes.")

    def __repr__(self) -> str:
        """Return the text that stands in the stored notebook in place of the widget."""
        return stored_text(self._title)

    def write(self) -> None:
        """Begin a text with what the controls say; one that is being written is stopped."""
        options = {name: control.value for name, control in self.controls.items()}
        prompt, length = options.pop("prompt"), options.pop("length")
        options["top_k"] = options["top_k"] or None
        with self._lock:
            if self._run is not None:
                self._run.stop.set()
            self._run = run = _Run(prompt, length, options)
            before = self._thread
            # In the context of this call, the kernel knows for which cell the thread works.
            job = {"target": copy_context().run, "args": (self._work, run, before)}
            self._thread = threading.Thread(daemon=True, **job)
            self.stop_button.disabled = False
            self._thread.start()

    def stop(self) -> None:
        """End the text that is being written, if any; what is written stays."""
        with self._lock:
            if self._run is not None:
                self._run.stop.set()

    def wait(self, timeout: float | None = None) -> str:
        """Wait until nothing is being written, and return the text.

        Args:
            timeout: seconds to wait at most; None waits until the end.

        Returns:
            The text that is shown.

        Raises:
            TimeoutError: the network still writes after that time.
            TypeError, ValueError: timeout is no number of seconds from 0.
        """
        if timeout is not None:
            timeout = real_number("timeout", timeout, least=0, most=threading.TIMEOUT_MAX)
        if self._thread is not None:
            self._thread.join(timeout)
            if self._thread.is_alive():
                raise TimeoutError(f"the network still writes after {timeout} s: stop it first")
        return self.text

    def _parts(self) -> list[ipywidgets.Widget]:
        """Return what stands in the box, from top to bottom."""
        row = {"flex_flow": "row wrap"}
        # The buttons come first: one key leads from the prompt to them.
        buttons = [self.write_button, self.stop_button, self.message]
        sliders = [control for name, control in self.controls.items() if name != "prompt"]
        # A long text scrolls; drawn from the bottom up, its end stays in sight while it grows.
        rolled = {"flex_flow": "column-reverse nowrap", "overflow": "auto", "max_height": "400px"}
        rolled |= {"border": "1px solid #8C8C8C", "padding": "0 12px"}
        return [
            self.controls["prompt"],
            ipywidgets.HBox(buttons, layout=row),
            ipywidgets.HBox(sliders, layout=row),
            ipywidgets.VBox([self.paper], layout=rolled),
        ]

    def _work(self, run: _Run, before: threading.Thread | None) -> None:
        """Write one text, in a thread; whatever goes wrong is said beside the buttons."""
        if before is not None:
            before.join()  # two threads must not use one model at the same time
        self._say("Writing \u2026")
        start = time.monotonic()
        try:
            self._stream(run)
        except Exception as error:
            # Of any kind: an error that ends a thread would reach no reader.
            known = isinstance(error, (ValueError, TypeError, IndexError))
            self._say(f"\u2717 {'' if known else type(error).__name__ + ': '}{error}", alert=True)
        else:
            what = "Stopped" if run.stop.is_set() else "Done"
            seconds = time.monotonic() - start
            self._say(f"{what}: {len(run.written)} letters in {seconds:.1f} s.")
        with self._lock:
            if self._run is run:
                self._run, self.stop_button.disabled = None, True

    def _stream(self, run: _Run) -> None:
        """Take one letter after the other, and show them as often as a reader can see."""
        if run.stop.is_set():  # while it waited for the text before it
            return
        pieces = self._write(run.prompt, **run.options)
        start, shown = time.monotonic(), 0.0
        try:
            for letter in islice(chain.from_iterable(pieces), run.length):
                run.written += letter
                now = time.monotonic()
                if now - shown >= 1 / FRAMES_PER_SECOND:
                    self._show(run.prompt, run.written)
                    shown = now
                early = len(run.written) / self._pace - (now - start) if self._pace else 0
                if run.stop.wait(max(early, 0)):
                    break
        finally:
            if run.written:  # otherwise the text before it stays
                self._show(run.prompt, run.written)
            getattr(pieces, "close", lambda: None)()

    def _show(self, prompt: str, text: str) -> None:
        self.text = prompt + text
        self.paper.value = message_html(text, role="region", label="the text", bold=prompt)

    def _say(self, text: str, *, alert: bool = False) -> None:
        self.message.value = message_html(text, role="alert" if alert else "status")
