"""A JupyterLab that never answers without a token or a password, whatever its user's settings say.

`presenting.lab` names the class below to JupyterLab. The token stays out of the command line, which
every user of a machine can read.
"""

from __future__ import annotations

import os
import secrets
from typing import Any

from jupyter_server.auth.identity import PasswordIdentityProvider
from traitlets import validate


def token_for(wanted: str, password: str) -> tuple[str, bool]:
    """Return the token to use, and whether it is a fresh one.

    Args:
        wanted: what the settings say.
        password: its hash, "" where there is none.

    >>> token_for("mine", ""), token_for("", "argon2:…")
    (('mine', False), ('', False))
    >>> token, fresh = token_for("", "")
    >>> len(token), fresh
    (48, True)
    """
    if wanted or password:
        return wanted, False
    return secrets.token_hex(24), True


class AlwaysAsk(PasswordIdentityProvider):
    """Jupyter's usual way in, but an empty token in the settings does not open the door."""

    @validate("token")
    def _never_empty(self, proposal: Any) -> str:
        """Put a fresh token in the place of an empty one where no password is set."""
        wanted = proposal["value"] or os.environ.get("JUPYTER_TOKEN", "")
        token, fresh = token_for(wanted, self.hashed_password)
        if fresh:
            self.token_generated = True
        return token
