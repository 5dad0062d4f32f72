"""Whole training runs, from the data to a checkpoint, one module per task of the course."""
