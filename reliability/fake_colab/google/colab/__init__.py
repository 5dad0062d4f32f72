"""A stand-in for the module of that name in Google Colab: as much of it as a notebook can see.

It is copied into the environment that `make test-colab` builds. There is no google/__init__.py:
in Colab, too, `google` is a namespace that several packages share.
"""

from google.colab import drive, files, output, userdata

__all__ = ["drive", "files", "output", "userdata"]
