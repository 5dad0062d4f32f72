"""The five shapes of tasks on sequences: which inputs and which outputs there are."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes

from course_utils.arguments import shown
from course_utils.diagrams.pieces import (
    HIDDEN,
    INPUT,
    MATHS,
    OUTPUT,
    PAST,
    RECURRENT,
    SMALL,
    WIDTH,
    Point,
    arrow,
    box,
    canvas,
    label,
)


@dataclass(frozen=True)
class _Task:
    """One shape: the words at its inputs and outputs (None: no box there), and what it is for."""

    kind: str
    example: str
    loss: str
    inputs: tuple[str | None, ...]
    outputs: tuple[str | None, ...]
    n_encoder: int = 0

    @property
    def n_steps(self) -> int:
        return len(self.inputs)


@dataclass(frozen=True)
class _Place:
    """Where a task is drawn: first column, distance of columns, rows, size of boxes and letters."""

    left: float
    pitch: float
    rows: tuple[float, float, float]
    size: Point
    letters: float
    words: bool


_TASKS = (
    _Task("one-to-one", "animal in\na picture", "cross-entropy", ("picture",), ("dog",)),
    _Task(
        "one-to-many",
        "caption of\na picture",
        r"$\Sigma_t$ cross-entropy",
        ("picture", None, None),
        ("a", "dog", "runs"),
    ),
    _Task(
        "many-to-one",
        "sentiment of\na review",
        "cross-entropy",
        ("what", "a", "film"),
        (None, None, "positive"),
    ),
    _Task(
        "many-to-many with delay",
        "translation of\na sentence",
        r"$\Sigma_t$ cross-entropy",
        ("I'm", "here", None, None, None),
        (None, None, "ich", "bin", "da"),
        n_encoder=2,
    ),
    _Task(
        "many-to-many in step",
        "label of each\nvideo frame",
        r"$\Sigma_t$ cross-entropy",
        ("frame 0", "frame 1", "frame 2"),
        ("walk", "walk", "jump"),
    ),
)

TASK_KINDS: tuple[str, ...] = tuple(task.kind for task in _TASKS)


def task_shapes() -> Axes:
    """Draw the five shapes of tasks on sequences side by side, each with an example and its loss.

    Returns:
        The Axes.
    """
    ax = canvas(5.3)
    centres = (0.72, 2.25, 3.89, 5.95, 8.1)
    for task, centre in zip(_TASKS, centres, strict=True):
        pitch = 0.48
        left = centre - (task.n_steps - 1) * pitch / 2
        place = _Place(left, pitch, (2.15, 3.1, 4.05), (0.33, 0.4), SMALL, False)
        _draw(ax, task, place)
        first, *rest = task.kind.split(" ", 1)
        label(ax, (centre, 4.83), "\n".join([first, *rest]), size=14, weight="bold")
        label(ax, (centre, 1.5), task.example)
        label(ax, (centre, 0.85), f"loss:\n{task.loss}")
    note = "To predict numbers, the squared error (MSE) takes the place of the cross-entropy."
    label(ax, (WIDTH / 2, 0.22), note)
    for x in (1.41, 3.08, 4.7, 7.2):
        ax.plot([x, x], [0.5, 5.1], color="#CCCCCC", linewidth=1)
    return ax


def task_shape(kind: str) -> Axes:
    """Draw one shape of tasks on sequences over the full width, with words at its boxes.

    Args:
        kind: one of `TASK_KINDS`.

    Returns:
        The Axes.

    Raises:
        ValueError: kind is none of them.
    """
    if not isinstance(kind, str) or kind not in TASK_KINDS:
        kinds = ", ".join(map(repr, TASK_KINDS))
        raise ValueError(f"kind must be one of {kinds}; got {shown(kind)}")
    task = _TASKS[TASK_KINDS.index(kind)]
    ax = canvas(5.0)
    pitch = 1.45
    left = 5.2 - (task.n_steps - 1) * pitch / 2
    rows = (1.65, 2.65, 3.65)
    _draw(ax, task, _Place(left, pitch, rows, (0.62, 0.5), MATHS, True))
    label(ax, (WIDTH / 2, 4.72), kind, size=17, weight="bold")
    for name, y in zip(("inputs", "hidden states", "outputs"), rows, strict=True):
        label(ax, (0.3, y), name, size=14, ha="left")
    _footer(ax, task)
    return ax


def _footer(ax: Axes, task: _Task) -> None:
    """Write the example, the loss and what the dashed arrows mean."""
    example = task.example.replace("\n", " ")
    many = sum(word is not None for word in task.outputs) > 1
    loss = (
        r"$\Sigma_t$ cross-entropy, over all outputs" if many else "cross-entropy of the one output"
    )
    label(ax, (0.3, 0.62), f"Example: {example}.   Loss: {loss}.", size=14, ha="left")
    if _feeds_back(task):
        note = "Dashed: each output is also fed into the next step."
        label(ax, (0.3, 0.25), note, size=14, ha="left")


def _feeds_back(task: _Task) -> bool:
    """Tell whether some step has an output but no input: the network writes a text."""
    return any(i is None and o is not None for i, o in zip(task.inputs, task.outputs, strict=True))


def _draw(ax: Axes, task: _Task, place: _Place) -> None:
    """Draw the boxes and arrows of one task."""
    for t in range(task.n_steps):
        _column(ax, task, place, t)
        if t + 1 < task.n_steps:
            _to_next(ax, task, place, t)
    if task.n_encoder:
        _name_halves(ax, task, place)


def _column(ax: Axes, task: _Task, place: _Place, t: int) -> None:
    """Draw one time step: a hidden box, and an input and an output box where the task has them."""
    x = place.left + t * place.pitch
    low, middle, high = place.rows
    half = place.size[1] / 2
    index = f"_{t}" if task.n_steps > 1 else ""
    look = {"size": place.size, "letters": place.letters}
    color = PAST if t < task.n_encoder else HIDDEN
    box(ax, (x, middle), f"$h{index}$", color=color, **look)
    if task.inputs[t] is not None:
        box(ax, (x, low), f"$x{index}$", color=INPUT, **look)
        arrow(ax, (x, low + half), (x, middle - half), color=INPUT, mutation_scale=13)
    if task.outputs[t] is not None:
        box(ax, (x, high), f"$y{index}$", color=OUTPUT, **look)
        arrow(ax, (x, middle + half), (x, high - half), color=OUTPUT, mutation_scale=13)
    if place.words:
        label(ax, (x, low - half - 0.26), task.inputs[t] or "", size=15, va="baseline")
        label(ax, (x, high + half + 0.13), task.outputs[t] or "", size=15, va="baseline")


def _to_next(ax: Axes, task: _Task, place: _Place, t: int) -> None:
    """Draw the recurrent arrow from step t to t + 1, and the output that is fed back."""
    _, middle, high = place.rows
    wide, tall = place.size
    ends = (place.left + t * place.pitch + wide / 2, place.left + (t + 1) * place.pitch - wide / 2)
    scale = 13 if place.words else 8
    arrow(ax, (ends[0], middle), (ends[1], middle), color=RECURRENT, mutation_scale=scale)
    if place.words and task.outputs[t] is not None and task.inputs[t + 1] is None:
        start, end = (ends[0], high - tall / 4), (ends[1], middle + tall / 4)
        arrow(ax, start, end, color=OUTPUT, linestyle=(0, (3, 2)), linewidth=1.6)


def _name_halves(ax: Axes, task: _Task, place: _Place) -> None:
    """Write "encoder" over the steps that read and "decoder" under the steps that write."""
    gap = place.size[1] / 2 + 0.22
    last = task.n_steps - 1
    reads = place.left + (task.n_encoder - 1) / 2 * place.pitch
    writes = place.left + (task.n_encoder + last) / 2 * place.pitch
    label(ax, (reads, place.rows[1] + gap), "encoder")
    label(ax, (writes, place.rows[1] - gap), "decoder")
