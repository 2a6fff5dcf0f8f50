"""Get a passphrase: from the file that NOVATION_PASSPHRASE_FILE names, or from a prompt."""

import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path

from node.keystore.fault import KeystoreFault

VARIABLE = "NOVATION_PASSPHRASE_FILE"
FILE_MAX_BYTES = 4096


def normalised(text: str) -> bytes:
    """Return the bytes of a passphrase, the same whichever keyboard composed its accents."""
    return unicodedata.normalize("NFKC", text).encode()


def passphrase_from(
    environment: Mapping[str, str], prompt: Callable[[], str] | None = None
) -> bytes:
    """Return the passphrase; one line end at the end of the file is not part of it.

    Refuses: passphrase_missing, when there is neither file nor prompt, or the file is unreadable
    or empty.
    """
    named = environment.get(VARIABLE)
    if named:
        return _from_file(Path(named))
    if prompt is None:
        raise KeystoreFault(
            "passphrase_missing",
            "This key is encrypted, and there is nobody to ask for its passphrase.",
            hint=f"Put it into a file of mode 0600 and name that in {VARIABLE}.",
        )
    text = prompt()
    if not text:
        raise KeystoreFault("passphrase_missing", "No passphrase was given.")
    return normalised(text)


def _from_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(FILE_MAX_BYTES + 1)
        text = data.decode().removesuffix("\n").removesuffix("\r")
        why = "it is empty" if not text else ""
    except OSError as fault:
        text, why = "", fault.strerror or "unreadable"
    except UnicodeDecodeError:
        text, why = "", "it is not UTF-8"
    if len(text) > FILE_MAX_BYTES:
        why = f"it is longer than {FILE_MAX_BYTES} bytes"
    if why:
        raise KeystoreFault(
            "passphrase_missing",
            f"The passphrase file {path} cannot be used: {why}.",
            hint=f"Write the passphrase into it, or unset {VARIABLE} to be asked.",
        )
    return normalised(text)
