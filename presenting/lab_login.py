"""A JupyterLab that never answers without a token or a password, whatever its user's settings say.

`presenting.lab` names the class below to JupyterLab. The token stays out of the command line, which
every user of a machine can read.
"""

from __future__ import annotations

import os
import secrets
from typing import Any

from jupyter_server.auth.identity import PasswordIdentityProvider
from traitlets import default, validate


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
    """Jupyter's usual way in, but an empty token in settings or files does not open the door."""

    @default("token")
    def _token_of_the_surroundings(self) -> str:
        """Take Jupyter's own way to a token; a file named by JUPYTER_TOKEN_FILE may be empty."""
        return self._not_empty(self._token_default().strip())

    @validate("token")
    def _never_empty(self, proposal: Any) -> str:
        """Put a fresh token in the place of an empty one where no password is set."""
        return self._not_empty(proposal["value"] or os.environ.get("JUPYTER_TOKEN", ""))

    def _not_empty(self, wanted: str) -> str:
        """Return a token that opens the door to those alone who have it."""
        token, fresh = token_for(wanted, self.hashed_password)
        if fresh:
            self.token_generated = True
        return token
