"""Proposes blocks that are not valid for anybody else."""

from tests.simulation.byzantine.liar import Liar, Sin


class Poisons(Sin):
    """Every block it builds holds a transaction that nobody else can apply."""

    def starts(self, liar: Liar) -> None:
        liar.builds_poison = True
