"""What the command python -m course_utils.train does: train a language model, or check one."""

from __future__ import annotations

import contextlib
import errno
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from course_utils.corpora import LongText, open_shakespeare, open_text
from course_utils.recipes.language import LanguageRecipe
from course_utils.recipes.language_facts import CLOSE, facts_of, name_of, recorded, summary, unlike
from course_utils.recipes.language_reports import announce, reporter, say
from course_utils.recipes.learning import LanguageRun, train_language
from course_utils.recipes.writing import Writer
from course_utils.runtime import limit_threads, pick_device
from course_utils.text import Vocabulary
from course_utils.training import Keeper, TrainHistory, pick_precision, read_checkpoint
from course_utils.training.checkpoint_files import pair_at
from course_utils.training.precision import has_bfloat16
from course_utils.training.ranks import everywhere, in_first, is_first


@dataclass(frozen=True)
class Job:
    """What the command is asked to do.

    Attributes:
        recipe: how to build and train the network.
        out: the checkpoint.
        command: what makes it again, as it is typed.
        text: the file to learn; None for the Shakespeare text.
        stand_in: take the generated play if the Shakespeare text cannot be had.
        precision: "auto", "float32" or "bfloat16".
        threads: cores for each process.
        evaluate_every, patience: see TrainOptions.
        save_every: steps between two snapshots.
        resume: go on from the last snapshot.
        sample: letters to show after each held-out score.
        quiet: print nothing but the last line.
    """

    recipe: LanguageRecipe
    out: Path
    command: str
    text: Path | None = None
    stand_in: bool = False
    precision: str = "auto"
    threads: int = 1
    evaluate_every: int = 200
    patience: int = 0
    save_every: int = 500
    resume: bool = False
    sample: int = 80
    quiet: bool = False


@dataclass(frozen=True)
class Ready:
    """A job whose text is open, and whose precision is known.

    Attributes:
        job: what to do.
        text: what to learn.
        dtype: the precision.
    """

    job: Job
    text: LongText
    dtype: torch.dtype

    def settings(self) -> dict[str, Any]:
        """Return everything that decides how a run goes; a snapshot belongs to one of these."""
        scoring = {"evaluate_every": self.job.evaluate_every, "patience": self.job.patience}
        data = {"precision": name_of(self.dtype), "sha256 of the text": self.text.sha256}
        return asdict(self.job.recipe) | scoring | data

    def train(self, keeper: Keeper | None = None) -> LanguageRun:
        """Train, with a progress bar on a terminal."""
        job = self.job
        return train_language(
            self.text,
            job.recipe,
            dtype=self.dtype,
            progress=not job.quiet and sys.stderr.isatty(),
            on_score=None
            if job.quiet
            else reporter(self.text, length=job.sample, seed=job.recipe.seed),
            keeper=keeper,
            evaluate_every=job.evaluate_every,
            patience=job.patience,
        )

    def facts(self, run: LanguageRun) -> dict[str, Any]:
        """Return what the checkpoint of a run says about how it was made."""
        return facts_of(
            run,
            self.text,
            self.job.recipe,
            command=self.job.command,
            dtype=self.dtype,
            threads=self.job.threads,
        )


def make_ready(job: Job) -> Ready:
    """Open the text and choose the precision, the same ones in all processes.

    Raises:
        ValueError: the text or an option cannot be used, or the processes differ in them.
        DataUnavailableError, OSError: the text cannot be read.
    """
    limit_threads(job.threads)
    ready = Ready(job, everywhere(lambda: _open(job)), in_first(lambda: _precision(job)))
    first = in_first(ready.settings)

    def compare() -> None:
        if others := unlike(ready.settings(), first):
            raise ValueError(f"it differs from process 0: {'; '.join(others)}")

    everywhere(compare)
    return ready


def write(job: Job) -> int:
    """Train and save.

    Returns:
        Exit status of the command: 0, or 130 after an interrupt that left something to use.

    Raises:
        ValueError, DataUnavailableError, OSError, FloatingPointError: no checkpoint was written.
        KeyboardInterrupt: it was stopped before the training, or one of several processes was.
    """
    ready, pair = make_ready(job), pair_at(job.out)
    in_first(lambda: _refuse_a_bad_place(pair.weights.parent))
    keeper = Keeper(
        _snapshot_of(job),
        every=job.save_every,
        config=ready.settings(),
        vocabulary=ready.text.symbols,
        resume=job.resume,
    )
    announce(keeper)
    run = ready.train(keeper)
    facts = ready.facts(run)
    writer = Writer(run.model, Vocabulary(ready.text.symbols), facts)
    if run.history.interrupted:
        return _stop(job, keeper, run.history, writer)
    path = in_first(lambda: writer.save(job.out))
    keeper.discard()
    say(f"{summary(facts)}; wrote {path}")
    return 0


def check(job: Job) -> int:
    """Train again and compare with the checkpoint.

    Returns:
        Exit status of the command: 0, or 1 when the new training is not that of the checkpoint.

    Raises:
        CheckpointError: there is none, it is damaged, or it does not say how it was made.
        ValueError, DataUnavailableError, OSError, FloatingPointError, KeyboardInterrupt: as write.
    """
    old = in_first(lambda: recorded(job.out))
    ready = make_ready(job)
    others = unlike(old.recipe, asdict(job.recipe), besides=("seed",))
    if old.sha256 != ready.text.sha256:
        others.insert(0, f"it was made from another text than {ready.text.source}")
    if others:  # found before the training, which would be in vain
        say(f"NOT the checkpoint {job.out}: {'; '.join(others)}")
        return 1
    run = ready.train()
    if run.history.interrupted:
        raise KeyboardInterrupt
    # Written so that a NaN, which is close to nothing, fails.
    is_close = abs(run.val_nats - old.val_nats) <= CLOSE + 1e-9
    verdict = f"repeats {job.out} within {CLOSE}" if is_close else f"NOT the checkpoint {job.out}"
    say(f"{summary(ready.facts(run))}; {verdict}, which has {old.val_nats:.3f}")
    return 0 if is_close else 1


def _open(job: Job) -> LongText:
    """Return the text; the first process alone may say that it is a stand-in."""
    if job.text is not None:
        return open_text(job.text)
    with contextlib.redirect_stdout(sys.stdout if is_first() else None):
        return open_shakespeare(fallback=job.stand_in)


def _precision(job: Job) -> torch.dtype:
    """Return the dtype; refuse bfloat16 where every product would have to be imitated."""
    device = pick_device()
    if job.precision == "auto":
        return _precision_before(job) or pick_precision(device, kind=job.recipe.kind)
    if job.precision == "bfloat16" and not has_bfloat16(device):
        what = f"this {device.type} has no instructions for bfloat16"
        raise ValueError(f"{what}; use --precision auto or float32")
    return getattr(torch, job.precision)


def _snapshot_of(job: Job) -> Path:
    """Return where the snapshots of a job are kept."""
    return (weights := pair_at(job.out).weights).with_name(f"{weights.stem}-snapshot")


def _precision_before(job: Job) -> torch.dtype | None:
    """Return the precision of the run that is resumed: measured again, it may be another one."""
    path = _snapshot_of(job)
    if not job.resume or not pair_at(path).record.exists():
        return None
    name = read_checkpoint(path).config.get("precision")
    return getattr(torch, name) if name in ("float32", "bfloat16") else None


def _refuse_a_bad_place(folder: Path) -> None:
    """Find out before the training whether a file can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OSError(
            error.errno or errno.EIO,
            f"cannot write in the folder {folder}: {error.strerror or error}. Give another --out",
        ) from error


def _stop(job: Job, keeper: Keeper, history: TrainHistory, writer: Writer) -> int:
    """Keep what an interrupted run has learned, and say how it goes on."""
    parts = [f"Stopped after step {len(history.losses)} of {job.recipe.n_steps}."]
    if history.best_step is None:
        parts.append("No checkpoint was written, because there was no held-out score yet.")
    else:
        # Under another name: a finished checkpoint is worth more than the start of a new one.
        place = pair_at(job.out).weights
        saved = writer.save(place.with_name(f"{place.stem}-interrupted"))
        parts.append(f"The weights of step {history.best_step}, the best so far, are in {saved}.")
    if keeper.last_step is None:
        parts.append("There is no snapshot yet, so the run cannot be continued.")
    else:
        parts.append(f"The same command with --resume goes on from step {keeper.last_step}.")
    print(*parts, file=sys.stderr)
    return 130
