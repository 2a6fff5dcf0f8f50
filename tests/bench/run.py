"""Measure and print a table: `make bench`, or `python -m tests.bench.run delay sync` for parts."""

import argparse
from collections.abc import Sequence

from tests.bench.measures import ALL, ALONE


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures of the named parts, or of all, as rows of docs/performance.md."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parts = ALL | ALONE
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(parts))
    asked = parser.parse_args(arguments)
    if unknown := [name for name in asked.parts if name not in parts]:
        parser.error(f"no part is called {unknown[0]!r}; there are {', '.join(parts)}")
    print("| figure | seen | unit | bar |\n|---|---|---|---|", flush=True)
    for name in asked.parts or ALL:
        for figure in parts[name]():
            value = f"{figure.value:,.2f}"
            print(f"| `{figure.name}` | {value} | {figure.unit} | {figure.bar} |", flush=True)


if __name__ == "__main__":
    main()
