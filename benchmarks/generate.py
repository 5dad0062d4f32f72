"""One stream of text, letter by letter: four ways to let the same language model write.

The text says nothing: the weights are those of the start, and time does not depend on them. The
state before the first letter is zeros, and every text begins with the same symbol. See README.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import torch

from benchmarks import common
from course_utils.models import CharLM, CharLMConfig
from course_utils.runtime import threads_limited
from course_utils.sampling import FastWriter, draw, generate

VOCAB_SIZE, EMBED_DIM = 65, 64  # as many symbols as tiny Shakespeare has
START = 0
WARM_UP = 20  # letters that each contender writes before the clock starts

Writer = Callable[[int, torch.Generator], list[int]]


def build(n_units: int) -> CharLM:
    """Return an LSTM with layer norm, not trained, in evaluation mode."""
    torch.manual_seed(0)
    config = CharLMConfig(
        VOCAB_SIZE, kind="lstm", embed_dim=EMBED_DIM, hidden_size=n_units, layer_norm=True
    )
    return CharLM(config).eval()


@torch.no_grad()
def naive(model: CharLM, length: int, generator: torch.Generator) -> list[int]:
    """Write by reading the whole text again, from its start, for every letter."""
    text = [START]
    for _ in range(length):
        logits, _ = model(torch.tensor([text]))
        text.append(draw(logits[:, -1], generator).item())
    return text[1:]


@torch.inference_mode()
def bare(model: CharLM, length: int, generator: torch.Generator) -> list[int]:
    """Write with PyTorch's modules and nothing of ours: no check, and PyTorch's own drawing.

    It draws with torch.multinomial, so its letters are not those of the others.
    """
    encoder, rnn, norm, decoder = model.encoder, model.rnn, model.norm, model.decoder
    token, state, written = torch.tensor([[START]]), None, []
    for _ in range(length):
        hidden, state = rnn(encoder(token), state)
        chances = decoder(norm(hidden[:, -1])).softmax(-1)
        token = torch.multinomial(chances, 1, generator=generator)
        written.append(token.item())
    return written


def compare(n_units: int, length: int, rounds: int) -> dict[str, object]:
    """Time the four, and compare the texts of the three that draw alike.

    Args:
        n_units: H of the LSTM.
        length: letters in a text.
        rounds: texts per contender; each round has its own random numbers. The median counts.
    """
    model = build(n_units)
    begin = time.perf_counter()
    writer = FastWriter(model)
    prepared = time.perf_counter() - begin
    writers: dict[str, Writer] = {
        "naive": lambda n, rng: naive(model, n, rng),
        "module": lambda n, rng: generate(model, [START], n, generator=rng),
        "bare_module": lambda n, rng: bare(model, n, rng),
        "best": lambda n, rng: writer.write([START], n, generator=rng),
    }
    texts, seconds = race(writers, length, rounds)
    speeds = {name: length / taken for name, taken in seconds.items()}
    return {
        **{f"{name}_chars_per_s": speed for name, speed in speeds.items()},
        "ratio": speeds["best"] / speeds["naive"],
        "ratio_to_module": speeds["best"] / speeds["bare_module"],
        "same_characters": texts["naive"] == texts["module"] == texts["best"],
        "prepare_seconds": prepared,
        "characters": length,
        "units": n_units,
    }


def race(
    writers: dict[str, Writer], length: int, rounds: int
) -> tuple[dict[str, list[list[int]]], dict[str, float]]:
    """Let all write in turn; return for each its texts, in the order of rounds, and its seconds."""
    texts: dict[str, dict[int, list[int]]] = {name: {} for name in writers}

    def contender(name: str) -> Callable[[int], None]:
        def write(i: int) -> None:
            texts[name][i] = writers[name](length, torch.Generator().manual_seed(i))

        return write

    for write in writers.values():
        write(min(WARM_UP, length), torch.Generator())
    seconds = common.alternate({name: contender(name) for name in writers}, rounds=rounds)
    return {name: list(written.values()) for name, written in texts.items()}, seconds


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark with these command-line arguments (None: those of the process)."""
    parser = common.options_parser("generate", __doc__, threads=1)
    for name, n, about in (
        ("rounds", 5, "texts of each contender"),
        ("length", 500, "characters in a text"),
        ("units", 256, "of the LSTM"),
    ):
        parser.add_argument(
            f"--{name}", type=common.at_least_one, default=n, help=f"{about} (default {n})"
        )
    options = parser.parse_args(arguments)
    with threads_limited(options.threads):
        common.report(compare(options.units, options.length, options.rounds))


if __name__ == "__main__":
    main()
