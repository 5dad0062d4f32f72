"""Guess the language of a surname with a trained network, under more than one decision rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from course_utils.arguments import instance, items, whole_number
from course_utils.batching import PaddedBatch, pad
from course_utils.corpora.registry import shipped
from course_utils.models import (
    SequenceClassifier,
    SequenceClassifierConfig,
    evaluation_mode,
)
from course_utils.recipes.decisions import check_shares, drawn_shares, log_beliefs
from course_utils.recipes.names import LETTERS, spell
from course_utils.recipes.spelling import read_as
from course_utils.training import CheckpointError, load_weights, read_checkpoint, save_checkpoint

__all__ = ["NameGuesser", "drawn_shares", "log_beliefs"]

_OWN = ("languages", "drawn", "prior")
_AT_ONCE = 1000  # names in one batch: more need much memory and gain no time


@dataclass(frozen=True, eq=False)
class NameGuesser:
    """A trained network together with what is needed to read its scores.

    Attributes:
        network: the trained network.
        languages: the C languages, in the order of the network's scores.
        drawn: float, (C,), the share of each language in training as drawn.
        prior: float, (C,), the share of each language in the data.
    """

    network: SequenceClassifier
    languages: tuple[str, ...]
    drawn: Tensor
    prior: Tensor

    def __post_init__(self) -> None:
        """Refuse parts that do not fit together."""
        instance("network", self.network, SequenceClassifier)
        if self.network.config.vocab_size != len(LETTERS):
            raise ValueError(
                f"network must read the {len(LETTERS)} letters of this course, got one for "
                f"{self.network.config.vocab_size} symbols"
            )
        languages = items("languages", self.languages, what="a row of names")
        object.__setattr__(self, "languages", tuple(languages))
        n_classes = self.network.config.n_classes
        distinct = {language for language in self.languages if isinstance(language, str)}
        if not len(distinct) == len(self.languages) == n_classes:
            raise ValueError(
                f"languages must hold {n_classes} different names, one for each score of the "
                f"network, got {self.languages!r}"
            )
        for name in ("drawn", "prior"):
            check_shares(name, getattr(self, name), n_classes)

    @classmethod
    def load(cls, path: str | Path | None = None) -> NameGuesser:
        """Read a guesser from a checkpoint; the global random numbers stay as they were.

        Args:
            path: what `save` was given; None reads the checkpoint that ships with the course.

        Returns:
            The guesser, on the CPU.

        Raises:
            CheckpointError: there is no such checkpoint, it is damaged, or it does not hold a
                network for names over the letters of this course.
        """
        path = shipped() / "checkpoints" / "names" if path is None else path
        checkpoint = read_checkpoint(path, expect_vocabulary=LETTERS.tokens)
        try:
            with torch.random.fork_rng(devices=[]):
                network = SequenceClassifier(SequenceClassifierConfig(**checkpoint.config))
            drawn, prior = (torch.tensor(checkpoint.extra[name]) for name in ("drawn", "prior"))
            guesser = cls(network, tuple(checkpoint.extra["languages"]), drawn, prior)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise CheckpointError(
                f"{path} does not hold a network that guesses languages of names ({error!r}). "
                "NameGuesser.save writes such a checkpoint."
            ) from error
        load_weights(network, checkpoint)
        network.eval()
        return guesser

    def save(self, path: str | Path, extra: Mapping[str, Any] | None = None) -> Path:
        """Write the guesser as a checkpoint; a failure leaves an older one as it was.

        Args:
            path: folder and name, without an ending.
            extra: anything else to keep, see save_checkpoint.

        Returns:
            Path of the safetensors file.

        Raises:
            ValueError: extra holds "languages", "drawn" or "prior".
            TypeError, CheckpointError, OSError: see save_checkpoint.
        """
        extra = {} if extra is None else instance("extra", extra, Mapping, what="a dictionary")
        if twice := [name for name in _OWN if name in extra]:
            raise ValueError(f"extra holds {twice}, which the guesser itself writes: rename it")
        own = [[*self.languages], self.drawn.tolist(), self.prior.tolist()]
        return save_checkpoint(
            path,
            self.network,
            config=asdict(self.network.config),
            vocabulary=LETTERS.tokens,
            extra={**dict(zip(_OWN, own, strict=True)), **extra},
        )

    def logits(self, names: Sequence[str]) -> Tensor:
        """Return the network's scores of some names.

        Args:
            names: N names, N at least 1, each as `spell` accepts it.

        Returns:
            float, (N, C), on the CPU, without gradients.

        Raises:
            TypeError: names is one string, or holds something else than strings.
            ValueError: there is no name, or one cannot be spelled.
        """
        if isinstance(names, str):
            raise TypeError(f"names must be a list of names, got one string: use [{names!r:.40}]")
        listed = items("names", names, what="a list of names")
        if not listed:
            raise ValueError("names is empty: give at least one name")
        return self._scores(pad([spell(name) for name in listed]))

    def beliefs_by_letter(self, name: str, *, share: float = 1.0) -> tuple[list[str], Tensor]:
        """Say what the guesser would believe if the name ended after each of its letters.

        Args:
            name: any text with 1 to MAX_LETTERS letters.
            share: see log_beliefs.

        Returns:
            letters: T letters, as the network reads them.
            probabilities: float, (T, C); each row sums to 1.

        Raises:
            TypeError, ValueError: name cannot be spelled, or share is not from 0 to 1.
        """
        symbols = spell(name)
        beginnings = pad([symbols[:n] for n in range(1, len(symbols) + 1)])
        return LETTERS.decode(symbols), self._beliefs(self._scores(beginnings), share)

    def predict(self, name: str, k: int = 3, *, share: float = 1.0) -> list[tuple[str, float]]:
        """Return the k most probable languages of a name, the best first.

        Args:
            name: any text with 1 to MAX_LETTERS letters.
            k: how many, at least 1; all languages when there are fewer.
            share: see log_beliefs.

        Returns:
            Pairs (language, probability).

        Raises:
            TypeError, ValueError: name cannot be spelled, k is not a whole number of at least 1,
                or share is not from 0 to 1.
        """
        k = whole_number("k", k, least=1)
        logits = self._scores(pad([spell(name)]))[0]
        best = self._beliefs(logits, share).sort(descending=True, stable=True)
        pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        return [(self.languages[place], chance) for place, chance in [*pairs][:k]]

    def describe(self, name: str, k: int = 3, *, share: float = 1.0) -> str:
        """Answer in one line for a text box; a name that cannot be used gets advice instead.

        Args:
            name: any text at all.
            k: how many languages to name, at least 1.
            share: see log_beliefs.

        Returns:
            How the name was read, if not as it was written, and the k most probable languages.

        Raises:
            TypeError: name is not a string.
            ValueError: k or share is out of its range.
        """
        try:
            shown = read_as(name)
        except ValueError as error:
            return str(error)
        guesses = self.predict(name, k, share=share)
        return f"{shown}: " + ", ".join(f"{where} {100 * p:.0f} %" for where, p in guesses)

    def _beliefs(self, logits: Tensor, share: float) -> Tensor:
        """Return probabilities, (..., C), for scores (..., C)."""
        return log_beliefs(logits, self.drawn, self.prior, share).exp()

    def _scores(self, batch: PaddedBatch) -> Tensor:
        """Read a batch without dropout and gradients, and leave the network's mode as it was."""
        device = self.network.decoder.weight.device
        parts = torch.arange(len(batch.lengths)).split(_AT_ONCE)
        with torch.no_grad(), evaluation_mode(self.network):
            return torch.cat([self.network(*batch.take(rows).to(device)).cpu() for rows in parts])
