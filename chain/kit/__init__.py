"""The one surface that a module author imports.

    from chain.kit import Module, Table, record, require, Reason, text_key

A module is a value that reads as a table of contents (`module`).  It declares what it
stores (`table`), what a signer may ask (`transaction`), what time does and what the world
of both is (`context`), what can come of it (`reason`, `event`), what can be asked
(`query`), what is always true (`invariant`) and what genesis may fill (`genesis`).

`holder` names who money sits with; `fields` and `plain` describe records to people and
JSON.  Records, keys, rounding and limits are here too, so that nothing else is needed.
"""

from chain.arithmetic import (
    PPM,
    divide_down,
    divide_half_even,
    divide_toward_zero,
    divide_up,
    multiply_ppm_down,
    multiply_ppm_up,
)
from chain.codec.canonical import decode, encode
from chain.codec.order import (
    KeyPart,
    KeyValue,
    address_key,
    hash_key,
    integer_key,
    public_key_key,
    text_key,
)
from chain.codec.record import (
    I64,
    U8,
    U16,
    U32,
    U63,
    Address,
    BadDeclaration,
    Blob,
    Hash,
    Held,
    MalformedRecord,
    Meta,
    PublicKey,
    Signature,
    Wide,
    record,
    replace,
)
from chain.crypto.verification import is_genuine
from chain.kit.context import BlockContext, Context
from chain.kit.event import Emitter, Event
from chain.kit.genesis import GenesisFault
from chain.kit.holder import HolderId, account, address_of, holder_key, wallet
from chain.kit.invariant import Broken, Invariant, hold
from chain.kit.module import Module
from chain.kit.query import Query
from chain.kit.reason import ANY_LEG_FACT, Area, InvalidBlock, Reason, Refusal, require
from chain.kit.table import AnyTable, Item, Key, Table
from chain.kit.transaction import (
    CLASS_POST_ONLY,
    CLASS_RELIEF,
    CLASS_REST,
    CLASS_SYSTEM,
    CLASS_TRADING,
    CLASSES,
    Payload,
)
from chain.limits import BREAK_MS
from chain.state.view import State, View, each, remembered

__all__ = [
    "ANY_LEG_FACT",
    "BREAK_MS",
    "CLASSES",
    "CLASS_POST_ONLY",
    "CLASS_RELIEF",
    "CLASS_REST",
    "CLASS_SYSTEM",
    "CLASS_TRADING",
    "I64",
    "PPM",
    "U8",
    "U16",
    "U32",
    "U63",
    "Address",
    "AnyTable",
    "Area",
    "BadDeclaration",
    "Blob",
    "BlockContext",
    "Broken",
    "Context",
    "Emitter",
    "Event",
    "GenesisFault",
    "Hash",
    "Held",
    "HolderId",
    "InvalidBlock",
    "Invariant",
    "Item",
    "Key",
    "KeyPart",
    "KeyValue",
    "MalformedRecord",
    "Meta",
    "Module",
    "Payload",
    "PublicKey",
    "Query",
    "Reason",
    "Refusal",
    "Signature",
    "State",
    "Table",
    "View",
    "Wide",
    "account",
    "address_key",
    "address_of",
    "decode",
    "divide_down",
    "divide_half_even",
    "divide_toward_zero",
    "divide_up",
    "each",
    "encode",
    "hash_key",
    "hold",
    "holder_key",
    "integer_key",
    "is_genuine",
    "multiply_ppm_down",
    "multiply_ppm_up",
    "public_key_key",
    "record",
    "remembered",
    "replace",
    "require",
    "text_key",
    "wallet",
]
