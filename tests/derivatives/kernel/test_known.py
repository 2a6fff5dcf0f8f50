"""ORDR-090: the kernel is told every record and table that it knows."""

from derivatives.kernel import known, level


def test_everything_that_the_kernel_knows_is_told() -> None:
    assert known.teach() is (level.kernel is not None)


def test_no_name_is_told_twice() -> None:
    names = [each.__name__ for each in known.RECORDS]
    tables = [table.name for table in known.TABLES]

    assert len(names) == len(set(names))
    assert len(tables) == len(set(tables))
