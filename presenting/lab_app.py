"""JupyterLab itself, silent about the options that `presenting.lab` gives on purpose."""

from __future__ import annotations

import logging
import sys

from jupyterlab.labapp import main

MOVED = "has moved from "


def is_wanted(record: logging.LogRecord) -> bool:
    """Tell whether a line of the log is for the reader.

    The options for NotebookApp and LabApp stand there because a user's settings of the same name
    would go before those for ServerApp. JupyterLab advises to write ServerApp instead.

    >>> told = "'ip' has moved from NotebookApp to ServerApp."
    >>> is_wanted(logging.makeLogRecord({"msg": told}))
    False
    >>> is_wanted(logging.makeLogRecord({"msg": "no kernel"}))
    True
    """
    return MOVED not in record.getMessage()


if __name__ == "__main__":
    for app in ("LabApp", "JupyterNotebookApp"):  # the second where the package notebook is there
        logging.getLogger(app).addFilter(is_wanted)
    sys.exit(main())
