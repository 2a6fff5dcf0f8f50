"""Measure everything and print a table: `make bench`."""

from tests.bench.measures import everything


def main() -> None:
    """Print the figures as rows of docs/performance.md."""
    print("| figure | seen | unit | bar |\n|---|---|---|---|")
    for figure in everything():
        print(f"| `{figure.name}` | {figure.value:,.2f} | {figure.unit} | {figure.bar} |")


if __name__ == "__main__":
    main()
