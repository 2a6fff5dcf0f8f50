"""ORDR-090: the kernel is told every record and table that it knows."""

from derivatives.kernel import known, level
from derivatives.registry import REGISTRY


def test_kernel_that_is_built_knows_every_record_as_it_is_now() -> None:
    assert REGISTRY, "which tells it when it is imported"
    is_built = getattr(level.native, "REVISION", 0) == level.REVISION

    assert is_built is (level.kernel is not None), "a record has fields that records.c does not"
    assert is_built is known.teach()


def test_no_name_is_told_twice() -> None:
    names = [each.__name__ for each in known.RECORDS]
    tables = [table.name for table in known.TABLES]

    assert len(names) == len(set(names))
    assert len(tables) == len(set(tables))
