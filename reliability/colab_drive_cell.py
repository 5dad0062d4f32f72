"""What runs on the machine when a runtime is lost in the middle of a training, with Drive mounted.

The text of this file is run as a cell behind the bootstrap cell, so it imports nothing of
`reliability`. Each function prints one line of JSON.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
from pathlib import Path
from typing import Any

NAME = "play.txt"
N_STEPS, EVERY, LOST_AT = 12, 4, 8


def text() -> bytes:
    """Return the file that is downloaded: 20,000 letters, the same ones each time."""
    return "".join(random.Random(7).choices("abcde \n", k=20_000)).encode()


def prepare() -> None:
    """Mount Drive as a notebook does, and let the course know one more file."""
    from google.colab import drive

    from course_utils import runtime
    from course_utils.corpora import registry

    drive.mount("drive")
    assert runtime.in_colab()
    content = text()
    item = registry.Entry(NAME, "", len(content), hashlib.sha256(content).hexdigest())
    registry.entries = lambda: {NAME: item}


def train(*, keep: bool, lost_at: int | None = None) -> dict[str, Any]:
    """Fetch the text and train a small network on it; go on from a snapshot if there is one.

    Args:
        keep: save snapshots in the folder that stays.
        lost_at: the runtime is gone after the snapshot of this step.
    """
    import torch

    from course_utils.corpora import fetch, open_text
    from course_utils.recipes.language import LanguageRecipe
    from course_utils.recipes.learning import train_language

    path = fetch(NAME)
    book, said = open_text(path), {"fetched": str(path)}
    recipe = LanguageRecipe(
        kind="gru", hidden_size=8, embed_dim=8, n_streams=4, chunk_len=16, n_steps=N_STEPS
    )
    keeper = _keeper(book.symbols, said, lost_at) if keep else None
    run = train_language(book, recipe, dtype=torch.float32, quick=True, keeper=keeper)
    return said | {"losses": run.history.losses}


def _keeper(symbols: Any, said: dict[str, Any], lost_at: int | None) -> Any:
    """Return a Keeper in the folder that stays; it notes where it resumed."""
    from course_utils.runtime import keep_folder
    from course_utils.training import Keeper

    class Lost(Keeper):
        def save(self, *args: Any) -> None:
            super().save(*args)
            if self.last_step == lost_at:
                print(json.dumps(said | {"lost": self.last_step}), flush=True)
                os._exit(137)  # as sudden as the end of a runtime: nothing is closed or written

        def restore(self, *args: Any) -> Any:
            state = super().restore(*args)
            said["resumed"] = self.last_step
            return state

    options = {"every": EVERY, "config": {"a": 1}, "vocabulary": symbols, "resume": True}
    return Lost(keep_folder("networks") / "small", **options)


def before() -> None:
    """Train until the runtime is lost."""
    prepare()
    train(keep=True, lost_at=LOST_AT)


def after() -> None:
    """Go on, on a new machine without network."""
    prepare()
    print(json.dumps(train(keep=True)))


def whole() -> None:
    """Train without any interruption."""
    prepare()
    print(json.dumps(train(keep=False)))


def refused() -> None:
    """Try to download and to keep something where nothing can be written; print both errors."""
    from course_utils.corpora import DataUnavailableError, fetch
    from course_utils.runtime import keep_folder

    prepare()
    said = {}
    try:
        fetch(NAME)
    except DataUnavailableError as error:
        said["fetch"] = str(error)
    try:
        said["kept"] = str(keep_folder("networks"))
    except OSError as error:
        said["keep"] = str(error)
    print(json.dumps(said | {"data": Path(os.environ["COURSE_DRIVE"]).name}))
