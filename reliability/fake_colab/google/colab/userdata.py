"""A stand-in for google.colab.userdata: a reader without secrets."""


class SecretNotFoundError(Exception):
    """Say that there is no such secret."""


def get(key: str) -> str:
    """Raise what Colab raises when the secret is not there.

    Raises:
        SecretNotFoundError: always.
    """
    raise SecretNotFoundError(f"Secret {key} does not exist.")
