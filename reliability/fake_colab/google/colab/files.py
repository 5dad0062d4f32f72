"""A stand-in for google.colab.files: there is no browser to send files to or take them from."""


def upload() -> dict[str, bytes]:
    """Return what a reader gave who gave nothing."""
    return {}


def download(filename: str) -> None:
    """Raise what Colab raises for a missing file, and do nothing else.

    Raises:
        FileNotFoundError: there is no such file.
    """
    with open(filename, "rb"):
        pass
