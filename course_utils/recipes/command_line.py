"""What the two training commands share when they read their options."""

from __future__ import annotations

import argparse


def refuse_lost_values(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Exit with status 2 for an option such as --seed=--, whose value argparse throws away.

    Args:
        parser: says it.
        options: what it has read.
    """
    for name, value in vars(options).items():
        if isinstance(value, list):
            parser.error(f"--{name.replace('_', '-')} needs a value, and -- is none")
