"""A stand-in for google.colab.output: the switches that a notebook may turn."""


def clear(**_: object) -> None:
    """Do nothing: there is no page."""


def enable_custom_widget_manager() -> None:
    """Do nothing: the widgets of the course need no such manager."""


def disable_custom_widget_manager() -> None:
    """Do nothing, as `enable_custom_widget_manager`."""
