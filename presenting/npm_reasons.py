"""Turn a failure to get a package into one message that a person can act on."""

from __future__ import annotations

from pathlib import Path

from course_utils.corpora.reasons import disk_reason, web_reason


def reason_of(error: Exception) -> str:
    """Say in plain words what went wrong.

    >>> reason_of(ValueError("SHA512 hash of downloaded file (package.tgz) does not match"))
    'its checksum is not the one in presenting/package-lock.json'
    """
    if (reason := web_reason(error) or disk_reason(error)) is not None:
        return reason
    if "timed out" in str(error).lower():
        return "the server did not answer in time"
    if "hash of downloaded file" in str(error):
        return "its checksum is not the one in presenting/package-lock.json"
    return str(error) or type(error).__name__


def explain(package: str, registry: str, folder: Path, error: Exception) -> str:
    """Return a message that names the package, the reason, the places and a way out.

    Args:
        package: Its name and version.
        registry: The address that was asked.
        folder: Where packages are kept.
        error: What went wrong.
    """
    return (
        f"{package} could not be fetched from {registry}: {reason_of(error)}.\n"
        "Check the network and run `python -m presenting.npm` again. The variable "
        "npm_config_registry names another registry; COURSE_NPM_DIR another folder to keep "
        f"the packages in (now {folder})."
    )
