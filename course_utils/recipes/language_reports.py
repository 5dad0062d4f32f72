"""What a training run of a language model prints on its way."""

from __future__ import annotations

import sys
from collections.abc import Callable

import torch

from course_utils.arguments import instance, whole_number
from course_utils.corpora import LongText
from course_utils.models import CharLM
from course_utils.sampling import generate
from course_utils.training import Keeper, TrainHistory, bits
from course_utils.training.ranks import is_first


def say(line: str) -> None:
    """Print in the first process, above the progress bar, whatever letters the screen can show.

    Raises:
        TypeError: line is no string.
    """
    instance("line", line, str, what="a string")
    if not is_first():
        return
    from tqdm import tqdm

    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    # A letter of the text may be a command of the terminal.
    shown = "".join(c if c.isprintable() or c == "\n" else "?" for c in line)
    tqdm.write(shown.encode(encoding, "replace").decode(encoding), file=sys.stdout)
    sys.stdout.flush()


def announce(keeper: Keeper) -> None:
    """Say what becomes of a snapshot that is there, or that there is none to go on from.

    Raises:
        TypeError: keeper is no Keeper.
    """
    instance("keeper", keeper, Keeper)
    if keeper.resume and keeper.exists():
        say(f"Going on from the snapshot {keeper.path}.")
    elif keeper.resume:
        say(f"There is no snapshot {keeper.path} to go on from: the run begins anew.")
    elif keeper.exists():
        say(
            f"An earlier run left the snapshot {keeper.path}. This run begins anew and will "
            "replace it; to go on with the earlier one, stop now and add --resume."
        )


def reporter(text: LongText, *, length: int, seed: int) -> Callable[[CharLM, TrainHistory], None]:
    """Return what shows each held-out score, and what the network writes by then.

    Args:
        text: what is learned; a sample begins as a line does.
        length: letters of a sample; 0 shows none.
        seed: the same in every sample, so that the network alone makes the difference.

    Returns:
        What `train` takes as on_score.

    Raises:
        TypeError, ValueError: an argument is not of its kind, or out of its range.
    """
    instance("text", text, LongText)
    length = whole_number("length", length, least=0)
    seed = whole_number("seed", seed, least=0, most=2**63 - 1)
    symbols = text.symbols
    start = symbols.index("\n") if "\n" in symbols else int(text.read(0, 1)[0])

    def report(model: CharLM, history: TrainHistory) -> None:
        step, nats = history.scores[-1]
        say(f"step {step}: about {nats:.3f} nats ({bits(nats):.3f} bits) per held-out character")
        if length:
            generator = torch.Generator().manual_seed(seed)
            written = generate(model, [start], length, generator=generator)
            say("".join(symbols[symbol] for symbol in written))

    return report
