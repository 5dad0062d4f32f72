"""A check of the reader's machine: what is there, what is missing, and what to do about it."""

from course_utils.machine.facts import check_machine
from course_utils.machine.report import MachineReport, Row
from course_utils.machine.speed import REFERENCE_SECONDS, lstm_seconds

__all__ = ["REFERENCE_SECONDS", "MachineReport", "Row", "check_machine", "lstm_seconds"]
