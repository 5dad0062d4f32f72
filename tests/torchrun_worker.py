"""One process of a run that a test starts by torchrun: it calls the command, and says what it saw.

    torchrun --nproc-per-node 2 tests/torchrun_worker.py plan.json

plan.json holds a list of calls, which are made one after the other:
    {"name": ..., "arguments": [...], "kill": [rank, step] or null}
In the arguments, {rank} stands for the number of the process. A process that is to be killed dies
when it asks for the chunk of that step. What process r saw of a call goes into <name>-<r>.json.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import nullcontext
from pathlib import Path

from train_samples import call

from course_utils import train as command


def work(plan: Path) -> None:
    """Make all calls of a plan."""
    rank = int(os.environ["RANK"])
    for wanted in json.loads(plan.read_text(encoding="utf-8")):
        arguments = [word.replace("{rank}", str(rank)) for word in wanted["arguments"]]
        killed, step = wanted["kill"] or (None, None)
        seen = call(arguments, step if killed == rank else None)
        target = plan.with_name(f"{wanted['name']}-{rank}.json")
        target.write_text(json.dumps(vars(seen)), encoding="utf-8")


if __name__ == "__main__":
    if len(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))) == 1:
        work(Path(sys.argv[1]))
    else:  # processes can meet only once, so not in each call
        with command.process_group():
            command.process_group = nullcontext
            work(Path(sys.argv[1]))
