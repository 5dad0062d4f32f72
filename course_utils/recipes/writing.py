"""A trained language model together with its letters: it reads a beginning and writes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from course_utils.arguments import instance
from course_utils.corpora.registry import shipped
from course_utils.models import CharLM, CharLMConfig
from course_utils.sampling import FastWriter, letters
from course_utils.text import Vocabulary
from course_utils.training import CheckpointError, load_weights, read_checkpoint, save_checkpoint

KINDS = ("rnn", "gru", "lstm")
_MOST = 20  # unknown letters that a message shows
_BLANKS = {" ": "(blank)", "\n": "(line break)"}


@dataclass(frozen=True, eq=False)
class Writer:
    """Write text with a trained network.

    Attributes:
        model: the network.
        vocabulary: its letters.
        facts: how it was made: command, recipe, data, scores; empty when nothing is known.
    """

    model: CharLM
    vocabulary: Vocabulary
    facts: Mapping[str, Any]

    def __post_init__(self) -> None:
        """Refuse parts that do not fit together."""
        instance("model", self.model, CharLM)
        instance("vocabulary", self.vocabulary, Vocabulary)
        instance("facts", self.facts, Mapping, what="a dictionary")
        if len(self.vocabulary) != self.model.config.vocab_size:
            raise ValueError(
                f"vocabulary must hold the {self.model.config.vocab_size} symbols of the model, "
                f"got {len(self.vocabulary)}"
            )

    @classmethod
    def load(cls, path: str | Path) -> Writer:
        """Read a checkpoint.

        Args:
            path: as given to `save`; "rnn", "gru" or "lstm" alone is a network that ships with the
                course, trained on the Shakespeare text.

        Raises:
            CheckpointError: the checkpoint is missing, damaged, or not one of a language model.
        """
        name = str(path)
        found = read_checkpoint(shipped("checkpoints") / name if name in KINDS else path)
        try:
            config = CharLMConfig(**found.config)
        except (TypeError, ValueError) as error:
            raise CheckpointError(
                f"{path} is not a checkpoint of a language model ({error}). Train one with "
                "python -m course_utils.train."
            ) from error
        if len(found.vocabulary) != config.vocab_size:
            raise CheckpointError(
                f"{path} has {len(found.vocabulary)} symbols for a network of {config.vocab_size}: "
                "train it again with python -m course_utils.train"
            )
        model = CharLM(config)
        load_weights(model, found)
        return cls(model.eval(), Vocabulary(found.vocabulary), found.extra)

    def save(self, path: str | Path) -> Path:
        """Write a checkpoint; return the path of its weights.

        Raises:
            OSError: the disk is full or the folder cannot be written.
        """
        return save_checkpoint(
            path,
            self.model,
            config=asdict(self.model.config),
            vocabulary=self.vocabulary.tokens,
            extra=self.facts,
        )

    def encode(self, prompt: str) -> list[int]:
        """Return the numbers of the letters of a prompt.

        Raises:
            TypeError: prompt is not a string.
            ValueError: it is empty, or has letters that the network has never seen.
        """
        if not isinstance(prompt, str):
            raise TypeError(f"prompt must be a text, got {type(prompt).__name__}")
        if not prompt:
            raise ValueError("the prompt is empty: type at least one letter, such as 'ROMEO:'")
        unknown = sorted({letter for letter in prompt if letter not in self.vocabulary})
        if unknown:
            known = "".join(token for token in self.vocabulary.tokens if token.strip())
            blanks = [name for token, name in _BLANKS.items() if token in self.vocabulary]
            more = f" and {len(unknown) - _MOST} more" if len(unknown) > _MOST else ""
            raise ValueError(
                f"the network has never seen {', '.join(map(repr, unknown[:_MOST]))}{more}. Use "
                f"the letters of its text: {' '.join([*blanks, known])}"
            )
        return self.vocabulary.encode(prompt)

    def write(
        self, prompt: str, length: int, *, generator: torch.Generator | None, **options: Any
    ) -> str:
        """Write on from a prompt, many thousand letters per second.

        Args:
            prompt: at least one letter, all of them known.
            length: how many letters to write.
            generator: source of the random numbers.
            options: temperature, top_k, top_p, as in `sampling.generate`, which draws the same
                letters.

        Returns:
            The new letters, without the prompt.

        Raises:
            TypeError, ValueError: see `encode` and `sampling.generate`.
        """
        start = self.encode(prompt)
        # The copy of the weights takes some milliseconds; the model may have learned since.
        written = FastWriter(self.model).write(start, length, generator=generator, **options)
        return "".join(self.vocabulary.decode(written))

    def letters(
        self, prompt: str, *, generator: torch.Generator | None, **options: Any
    ) -> Iterator[str]:
        """Write on letter by letter, without an end: for a text that grows on the screen.

        Args:
            prompt, generator, options: as for `write`.

        Raises:
            TypeError, ValueError: as `write`, at the call.
        """
        drawn = letters(self.model, self.encode(prompt), generator=generator, **options)
        return (self.vocabulary.tokens[symbol] for symbol in drawn)
