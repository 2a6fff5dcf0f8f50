"""The capsule through which other extensions change state, as `journal.h` declares it."""

import ctypes
from types import ModuleType
from typing import Any

NAME = b"chain.kernel.native.journal_calls"
_OBJECT, _INT = ctypes.py_object, ctypes.c_int


class Calls(ctypes.Structure):
    """What `journal.h` declares."""

    _fields_ = [
        ("revision", _INT),
        ("is_journal", ctypes.PYFUNCTYPE(_INT, _OBJECT)),
        ("get", ctypes.PYFUNCTYPE(_OBJECT, *[_OBJECT] * 3)),
        ("put", ctypes.PYFUNCTYPE(_INT, *[_OBJECT] * 4)),
        ("mark", ctypes.PYFUNCTYPE(ctypes.c_ssize_t, _OBJECT)),
        ("rollback", ctypes.PYFUNCTYPE(_INT, _OBJECT, ctypes.c_ssize_t)),
        ("watch", ctypes.PYFUNCTYPE(_INT, _OBJECT)),
        ("moves", ctypes.PYFUNCTYPE(ctypes.POINTER(ctypes.c_uint64), _OBJECT)),
        ("put_met", ctypes.PYFUNCTYPE(_INT, *[_OBJECT] * 3, ctypes.c_ssize_t, _OBJECT)),
        ("aside", ctypes.PYFUNCTYPE(ctypes.POINTER(ctypes.c_void_p), _OBJECT)),
    ]


def calls_of(native: ModuleType) -> Any:
    """Return the calls of a chain's kernel that is built."""
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [_OBJECT, ctypes.c_char_p]
    return ctypes.cast(pointer(native.journal_calls, NAME), ctypes.POINTER(Calls)).contents
