"""Words of the command line to the values that fields hold, and the plain JSON in between.

    --to bob                     a name, an address or 0x and a public key
    --amount 2.5 --asset USD     a decimal, in the precision of the asset beside it
    --amount-quantums 2500000    the same, raw
    --keys '["0x..."]'           a list, as JSON

Source: docs/specs/cli.md, CLI-033 to CLI-035.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from chain.crypto.addresses import text_of
from chain.kit.fields import Field
from chain.kit.holder import MalformedHolder, holder_from, text_of_holder
from chain.kit.plain import MalformedPlain, plain_of, value_from
from node.client.amounts import quantums_of
from node.client.declarations import nearest
from node.client.failures import VALUE_MALFORMED, Failure
from node.client.keyring import Keyring, account_name

QUANTUMS = "_quantums"
TICKS = "_ticks"
LOTS = "_lots"

Decimals = Callable[[str], int]
"""How many places an asset has."""


def pairs_of(words: Sequence[str]) -> dict[str, str]:
    """Return `--name value` and `--name=value` by name, dashes turned to underscores.

    Refuses: a word without its option, an option without its word, one given twice.
    """
    pairs: dict[str, str] = {}
    left = list(words)
    while left:
        word = left.pop(0)
        if not word.startswith("--") or len(word) == 2:
            raise Failure(VALUE_MALFORMED, f'"{word}" belongs to no field', "like this: --to bob")
        name, joined, value = word[2:].partition("=")
        if not joined:
            if not left:
                raise Failure(VALUE_MALFORMED, f"--{name} has no value")
            value = left.pop(0)
        name = name.replace("-", "_")
        if name in pairs:
            raise Failure(VALUE_MALFORMED, f"--{option_of(name)} is given twice")
        pairs[name] = value
    return pairs


def option_of(name: str) -> str:
    """Return a field's name as an option is written.

    >>> option_of("amount_quantums")
    'amount-quantums'
    """
    return name.replace("_", "-")


def plain_fields(
    fields: Sequence[Field], pairs: Mapping[str, str], keyring: Keyring, decimals: Decimals
) -> dict[str, Any]:
    """Return the plain value of each field that was given.

    Refuses: an unknown option with the nearest, a missing field, a value of another form.
    """
    options = {option_of(field.name) for field in fields} | {
        option_of(field.name.removesuffix(QUANTUMS)) for field in fields
    }
    known = {option.replace("-", "_") for option in options}
    for name in pairs:
        if name not in known:
            raise Failure(
                VALUE_MALFORMED,
                f"no field --{option_of(name)}{nearest(option_of(name), options)}",
                f"fields: {' '.join('--' + option_of(field.name) for field in fields)}",
            )
    plain: dict[str, Any] = {}
    for field in fields:
        short = field.name.removesuffix(QUANTUMS)
        if field.name in pairs:
            plain[field.name] = plain_value(field, pairs[field.name], keyring)
        elif short in pairs:
            plain[field.name] = str(_amount(field, pairs[short], pairs, decimals))
        elif not field.optional:
            raise Failure(VALUE_MALFORMED, f"--{option_of(short)} is missing")
    return plain


def _amount(field: Field, text: str, pairs: Mapping[str, str], decimals: Decimals) -> int:
    """Return the quantums of a decimal, in the precision of the asset given beside it."""
    stem = field.name.removesuffix(QUANTUMS).rpartition("_")[0]
    asset = pairs.get(f"{stem}_asset") or pairs.get("asset")
    if asset is None:
        raise Failure(
            VALUE_MALFORMED,
            f"--{option_of(field.name.removesuffix(QUANTUMS))} needs an asset to be counted in",
            f"name it: --asset USD      or give quantums: --{option_of(field.name)}",
        )
    return quantums_of(text, decimals(asset), asset)


def plain_value(field: Field, text: str, keyring: Keyring) -> Any:
    """Return one word as JSON says the field.

    Refuses: VALUE_MALFORMED, saying what the field holds.
    """
    try:
        return _plain(field, text, keyring)
    except (MalformedPlain, MalformedHolder, ValueError, OSError) as fault:
        raise Failure(
            VALUE_MALFORMED,
            f"--{option_of(field.name)} {text}: {fault}",
            details={"field": field.name, "value": text},
        ) from fault


def _plain(field: Field, text: str, keyring: Keyring) -> Any:
    if field.form == "address":
        return text_of(keyring.address(text))
    if field.form == "holder":
        return text_of_holder(holder_named(text, keyring))
    if field.form == "public_key" and not text.startswith("0x"):
        return f"0x{keyring.find(text).public_key.hex()}"
    if field.form == "integer":
        digits = text.replace("_", "").replace(",", "")
        if not (digits.isascii() and digits.removeprefix("-").isdigit()):
            raise ValueError("a whole number")
        return plain_of(field, int(digits))
    if field.form == "boolean":
        if text.lower() not in {"true", "false", "yes", "no"}:
            raise ValueError("true or false")
        return text.lower() in {"true", "yes"}
    if field.form in {"blob", "raw"} and text.startswith("@"):
        return base64.b64encode(Path(text[1:]).read_bytes()).decode()
    if field.form in {"list", "tuple", "record", "choice"}:
        plain = json.loads(text)
        value_from(field, plain, field.name)
        return plain
    value_from(field, text, field.name)
    return text


def holder_named(text: str, keyring: Keyring) -> str:
    """Return the holder that a word means: a wallet, a margin account, a named holder.

    A name that is a key's is that key's wallet; `alice/1` is a margin account; anything
    else is taken as a holder's own name, such as `fees`.
    """
    owner, slash, _ = text.partition("/")
    if owner.lower().startswith("nov1"):
        return holder_from(text_of(keyring.address(owner)) + text[len(owner) :])
    known = {key.name for key in keyring.known()}
    if owner in known:
        stem = text_of(keyring.address(owner))
        return holder_from(f"{stem}/{account_name(text).number}" if slash else stem)
    return holder_from(text)
