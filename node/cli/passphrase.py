"""Ask a person for a passphrase, when there is a person."""

import os
import sys
from collections.abc import Callable

import click

from node.keystore.passphrase import VARIABLE, passphrase_from


def asker() -> Callable[[], str] | None:
    """Return what asks for the passphrase of a key, or None when nobody sits there."""
    if not sys.stdin.isatty():
        return None
    return lambda: str(click.prompt("passphrase", hide_input=True, err=True, default=""))


def new_passphrase() -> bytes:
    """Return the passphrase for a new key: from the file that is named, else asked for twice.

    Refuses: passphrase_missing.
    """
    if os.environ.get(VARIABLE) or not sys.stdin.isatty():
        return passphrase_from(os.environ)

    def ask() -> str:
        return str(
            click.prompt(
                "new passphrase", hide_input=True, err=True, confirmation_prompt=True, default=""
            )
        )

    return passphrase_from(os.environ, ask)
