"""A stand-in for google.colab.drive: mounting shows the folder that FAKE_DRIVE names."""

import os
from pathlib import Path


def mount(mountpoint: str, force_remount: bool = False, **_: object) -> None:
    """Show the Drive as <mountpoint>/MyDrive.

    Raises:
        ValueError: the mount point holds files already, as in Colab.
    """
    place = Path(mountpoint)
    if (place / "MyDrive").is_symlink() and not force_remount:
        print(f"Drive already mounted at {mountpoint}")
        return
    place.mkdir(parents=True, exist_ok=True)
    if any(path.name != "MyDrive" or not path.is_symlink() for path in place.iterdir()):
        raise ValueError("Mountpoint must not already contain files")
    (place / "MyDrive").unlink(missing_ok=True)
    (place / "MyDrive").symlink_to(os.environ["FAKE_DRIVE"], target_is_directory=True)
    print(f"Mounted at {mountpoint}")


def flush_and_unmount() -> None:
    """Do nothing: a folder needs no flush."""
