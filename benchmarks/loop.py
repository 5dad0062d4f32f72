"""Our training loop against the bare forward and backward pass of the same network.

The difference is what training needs besides the gradients: dealing the batches, clipping, the
optimiser, the learning rate, the losses kept. See README.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks import common
from course_utils import corpora
from course_utils.models import CharLM, CharLMConfig
from course_utils.recipes.language import LanguageRecipe, build_language_model
from course_utils.recipes.language_facts import name_of
from course_utils.recipes.learning import training_streams
from course_utils.recipes.names import (
    NamesRecipe,
    build_network,
    deal_batches,
    prepare_names,
    split_by_line,
    train_names,
)
from course_utils.runtime import threads_limited
from course_utils.text import Vocabulary
from course_utils.training import StreamLoss, TrainOptions, pick_precision, train

BATCH_SIZE, SEQ_LEN = 32, 64  # of the language model
MAX_TOKEN_STEPS = 50  # per round: they are longer than steps of the names, and cost the same each
MAX_STREAM_STEPS = 20


def bare(
    network: nn.Module, batches: Sequence[Any], loss_of: Callable[[nn.Module, Any], Tensor]
) -> None:
    """Compute the loss and its gradients for batches that are cut already, and change nothing."""
    network.train()
    for batch in batches:
        network.zero_grad(set_to_none=True)
        loss_of(network, batch).backward()


def time_names(n_steps: int, rounds: int) -> dict[str, object]:
    """Time the recipe for names, dealing its batches included, and return names per second.

    Args:
        n_steps: steps in a round. A pass over the names is some 250 steps, and is dealt at its
            start: fewer steps pay for batches that they do not use.
        rounds: how often both sides run.
    """
    corpus = corpora.load_names()
    data = prepare_names(corpus.names)
    rows, recipe = split_by_line(data).train, replace(NamesRecipe(), n_steps=n_steps)
    network = build_network(data, recipe)
    stream = deal_batches(
        data, rows, batch_size=recipe.batch_size, balance=recipe.balance, seed=recipe.seed
    )
    drawn = list(islice(stream, n_steps))
    batches = [(*data.batch.take(some), data.labels[some]) for some in drawn]
    loss_fn = nn.CrossEntropyLoss(label_smoothing=recipe.smoothing)

    def loss_of(model: nn.Module, batch: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        tokens, lengths, labels = batch
        return loss_fn(model(tokens, lengths), labels)

    contenders = {
        "names_per_s": lambda _: train_names(network, data, rows, recipe),
        "bare_names_per_s": lambda _: bare(network, batches, loss_of),
    }
    figures = rates(contenders, sum(map(len, drawn)), rounds)
    ratio = figures["names_per_s"] / figures["bare_names_per_s"]
    return {"data": corpus.source, **figures, "names_ratio": ratio}


def time_tokens(n_steps: int, rounds: int) -> dict[str, float]:
    """Time a language model on the generated play, and return tokens per second."""
    per_batch = BATCH_SIZE * SEQ_LEN
    text = corpora.generate_play(n_steps * per_batch + 1).text
    vocabulary = Vocabulary.from_text(text)
    tokens = torch.tensor(vocabulary.encode(text))
    inputs, targets = (t.view(n_steps, BATCH_SIZE, SEQ_LEN) for t in (tokens[:-1], tokens[1:]))
    torch.manual_seed(0)
    network = CharLM(CharLMConfig(len(vocabulary), kind="lstm", embed_dim=64, hidden_size=128))

    def loss_of(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        logits, _ = model(batch[0])
        return nn.functional.cross_entropy(logits.flatten(0, 1), batch[1].flatten())

    batches = list(zip(inputs, targets, strict=True))
    options = TrainOptions(n_steps)
    contenders = {
        "tokens_per_s": lambda _: train(network, batches, loss_of, options),
        "bare_tokens_per_s": lambda _: bare(network, batches, loss_of),
    }
    figures = rates(contenders, len(batches) * per_batch, rounds)
    return {**figures, "tokens_ratio": figures["tokens_per_s"] / figures["bare_tokens_per_s"]}


def time_streams(n_steps: int, rounds: int) -> dict[str, object]:
    """Time the language model of lesson 08, and return characters per second.

    Both sides carry the state from chunk to chunk and detach it, and use the precision that is
    faster on this processor.

    Args:
        n_steps: chunks in a round.
        rounds: how often both sides run.
    """
    text, recipe, device = corpora.open_shakespeare(), LanguageRecipe(), torch.device("cpu")
    network, streams = (
        build_language_model(len(text.symbols), recipe),
        training_streams(text, recipe),
    )
    dtype = pick_precision(device, kind=recipe.kind)
    chunks = list(islice(streams, n_steps))
    options = TrainOptions(
        n_steps,
        learning_rate=recipe.learning_rate,
        warmup=recipe.warmup,
        weight_decay=recipe.weight_decay,
        clip=recipe.clip,
    )
    contenders = {
        "stream_chars_per_s": lambda _: train(network, streams, StreamLoss(dtype), options),
        "bare_stream_chars_per_s": lambda _: bare(network, chunks, StreamLoss(dtype)),
    }
    figures = rates(contenders, n_steps * streams.symbols_per_chunk, rounds)
    ratio = figures["stream_chars_per_s"] / figures["bare_stream_chars_per_s"]
    precision = name_of(dtype)
    return {**figures, "stream_ratio": ratio, "stream_precision": precision}


def rates(
    contenders: dict[str, Callable[[int], object]], n_things: int, rounds: int
) -> dict[str, float]:
    """Run every contender once unmeasured, then side by side; return things per second.

    Args:
        contenders: each works through the same n_things.
        n_things: names, tokens or characters.
        rounds: how often; the median counts.
    """
    common.alternate(contenders, rounds=1)
    seconds = common.alternate(contenders, rounds=rounds)
    return {name: n_things / taken for name, taken in seconds.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark with these command-line arguments (None: those of the process)."""
    parser = common.options_parser("loop", __doc__, threads=1)
    for name, n, about in (("rounds", 7, "of both contenders"), ("steps", 250, "in a round")):
        parser.add_argument(
            f"--{name}", type=common.at_least_one, default=n, help=f"{about} (default {n})"
        )
    options = parser.parse_args(arguments)
    with threads_limited(options.threads):
        figures = time_names(options.steps, options.rounds)
        figures |= time_tokens(min(options.steps, MAX_TOKEN_STEPS), options.rounds)
        figures |= time_streams(min(options.steps, MAX_STREAM_STEPS), options.rounds)
        common.report(figures)


if __name__ == "__main__":
    main()
