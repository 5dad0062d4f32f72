"""Without a kernel nothing that a widget sends is packed: here it is, as for a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import comm
import pytest
from jupyter_client.jsonutil import json_default


def pack(_comm: Any, _kind: str, data: Any = None, *_: Any, **_more: Any) -> None:
    """Do what a kernel does with a message, and refuse what is no UTF-8."""
    json.dumps(data, default=json_default, ensure_ascii=False, allow_nan=False).encode()


@pytest.fixture(autouse=True)
def _packed() -> Iterator[None]:
    """Pack each message of each widget of a test; to be imported into a file of tests."""
    with patch.object(comm.DummyComm, "publish_msg", pack):
        yield
