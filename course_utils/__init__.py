"""Helpers that the notebooks of the course import; importing this package loads nothing heavy."""

__version__ = "0.1.0"
