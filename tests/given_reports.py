"""What authorities report in a block, and the sections that a lying leader makes of it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chain.crypto.signing import SigningKey
from chain.kit import View, decode, encode, replace
from chain.machine.genesis_development import development_seed
from chain.machine.run import BlockFacts
from chain.modules.authorities.sets import authorities_of, authority_set_of
from derivatives.oracle.section import (
    OBSERVED_WITHIN_MS,
    ROUND_MS,
    FeedQuote,
    Report,
    Section,
    SignedReport,
    assembled_section,
    report_bytes,
    round_of,
)
from derivatives.oracle.surfaces import dates_of
from derivatives.oracle.volatility import SignedVolatility, SmileQuote, volatility_bytes
from node.reports.smiles import made_up_smiles
from tests.given_volatility import signed_volatility

Bend = Callable[[Sequence[SmileQuote]], Sequence[SmileQuote]] | None
"""What a liar makes of smiles; None: it is silent."""

Says = Mapping[str, int]
"""Feed -> price_e8; the confidence is a thousandth of it."""


def oracle_keys(view: View, epoch: int) -> list[SigningKey]:
    """Return the keys that the authorities of a development chain report with."""
    listed = authorities_of(view, epoch)
    assert listed is not None
    return [SigningKey.from_seed(development_seed(f"{one.name}/oracle")) for one in listed.members]


def signed(index: int, report: Report, key: SigningKey) -> SignedReport:
    """Return a report with its signature."""
    return SignedReport(index, report, key.sign(report_bytes(report)))


def reports_of(
    view: View, facts: BlockFacts, says: Mapping[int, Says], observed_ms: int | None = None
) -> dict[int, SignedReport]:
    """Return what each of these authorities signs, at the time of the block if not said."""
    keys, at_ms = oracle_keys(view, facts.epoch), observed_ms or facts.time_ms
    made = {}
    for index, prices in says.items():
        quotes = tuple(
            FeedQuote(feed, price_e8, max(1, price_e8 // 1_000), 1)
            for feed, price_e8 in sorted(prices.items())
        )
        report = Report(facts.chain_id, facts.epoch, round_of(at_ms), at_ms, quotes)
        made[index] = signed(index, report, keys[index])
    return made


def section_of(
    view: View,
    facts: BlockFacts,
    newest: Mapping[int, SignedReport],
    volatilities: Mapping[int, SignedVolatility] | None = None,
) -> bytes:
    """Return the section that an honest leader makes of these reports."""
    voters = authority_set_of(view, facts.epoch)
    assert voters is not None
    return assembled_section(
        view,
        newest,
        time_ms=facts.time_ms,
        oracle_keys=[key.public_key for key in oracle_keys(view, facts.epoch)],
        quorum_count=voters.quorum,
        newest_volatilities=volatilities,
    )


def volatilities_of(
    view: View,
    facts: BlockFacts,
    prices_e8: Says,
    volatilities_ppm: Says,
    lies: Mapping[int, Bend] | None = None,
) -> dict[int, SignedVolatility]:
    """Return what every authority signs of volatility, at the time of the block.

    All say the same but for who lies: by its index, what it makes of the smiles; None: silent.
    """
    dates = dates_of(view, facts.time_ms)
    said = {
        name: made_up_smiles(prices_e8[name], dates[name], facts.time_ms, volatility_ppm)
        for name, volatility_ppm in volatilities_ppm.items()
        if name in dates
    }
    if not said:
        return {}
    made = {}
    for index, key in enumerate(oracle_keys(view, facts.epoch)):
        bend = (lies or {}).get(index, tuple)
        own = {} if bend is None else {name: tuple(bend(smiles)) for name, smiles in said.items()}
        if own:
            made[index] = signed_volatility(
                index, key, facts.chain_id, facts.time_ms, own, epoch=facts.epoch
            )
    return made


class LyingLeader:
    """What a leader who holds everybody's reports could put into a block, and must not."""

    def __init__(
        self, view: View, facts: BlockFacts, says: Mapping[int, Says], used: bytes = b""
    ) -> None:
        """Begin with what the authorities say now, and a section that a block has used."""
        self.view = view
        self.facts = facts
        self.says = says
        self.keys = oracle_keys(view, facts.epoch)
        self.reports = tuple(reports_of(view, facts, says).values())
        told = decode(Section, used) if used else Section((), ())
        self.used, self.used_volatilities = told.reports, told.volatilities
        self.volatilities = self.smiles_at(facts.time_ms)

    def section(self, sin: str) -> bytes:
        """Return the section of a sin."""
        if sin in VOLATILITY_SINS:
            return encode(Section(self.reports, VOLATILITY_SINS[sin](self)))
        return encode(Section(SINS[sin](self)))

    def smiles_at(self, observed_ms: int, **changes: Any) -> tuple[SignedVolatility, ...]:
        """Return what everybody says of volatility at a time, the first with other contents."""
        facts = self.facts
        dates = dates_of(self.view, facts.time_ms)
        said = {
            name: made_up_smiles(64_000 * 10**8, dates[name], facts.time_ms, 600_000)
            for name in dates
        }
        signed_by_all = [
            signed_volatility(index, key, facts.chain_id, observed_ms, said, epoch=facts.epoch)
            for index, key in enumerate(self.keys)
        ]
        first = signed_by_all[0]
        report = replace(first.report, **changes)
        signature = self.keys[0].sign(volatility_bytes(report))
        signed_by_all[0] = SignedVolatility(0, report, signature)
        return tuple(signed_by_all)

    def at(self, observed_ms: int) -> tuple[SignedReport, ...]:
        """Return the same said at another time."""
        return tuple(reports_of(self.view, self.facts, self.says, observed_ms).values())

    def first(self, **changes: object) -> tuple[SignedReport, ...]:
        """Return the reports, the first with other contents under a genuine signature."""
        own, *others = self.reports
        index = own.authority_index
        other = signed(index, replace(own.report, **changes), self.keys[index])
        return (other, *others)


SINS: dict[str, Callable[[LyingLeader], tuple[SignedReport, ...]]] = {
    "late": lambda one: one.at(one.facts.time_ms - OBSERVED_WITHIN_MS - 1),
    "early": lambda one: one.at(one.facts.time_ms + OBSERVED_WITHIN_MS + 1),
    "former": lambda one: one.at(one.facts.time_ms - ROUND_MS),
    "too_few": lambda one: one.reports[: len(one.reports) // 2],
    "twice": lambda one: (one.reports[0], *one.reports),
    "disordered": lambda one: tuple(reversed(one.reports)),
    "stranger": lambda one: (*one.reports, replace(one.reports[0], authority_index=99)),
    "foreign": lambda one: one.first(chain_id=bytes(32)),
    "other_epoch": lambda one: one.first(epoch=one.facts.epoch + 1),
    "other_round": lambda one: one.first(round=one.reports[0].report.round + 1),
    "forged": lambda one: (
        replace(one.reports[0], signature=one.reports[1].signature),
        *one.reports[1:],
    ),
    "altered": lambda one: (
        replace(
            one.reports[0],
            report=replace(one.reports[0].report, quotes=()),
        ),
        *one.reports[1:],
    ),
    "nothing_said": lambda one: (),
    "replayed": lambda one: one.used,
    "one_replayed": lambda one: (*one.used[:1], *one.reports[1:]),
}
"""Sins by name: `former` and the last two need a block before that used reports of now."""

VOLATILITY_SINS: dict[str, Callable[[LyingLeader], tuple[SignedVolatility, ...]]] = {
    "volatility_late": lambda one: one.smiles_at(one.facts.time_ms - OBSERVED_WITHIN_MS - 1),
    "volatility_early": lambda one: one.smiles_at(one.facts.time_ms + OBSERVED_WITHIN_MS + 1),
    "volatility_of_too_few": lambda one: one.volatilities[: len(one.volatilities) // 2],
    "volatility_twice": lambda one: (one.volatilities[0], *one.volatilities),
    "volatility_disordered": lambda one: tuple(reversed(one.volatilities)),
    "volatility_of_a_stranger": lambda one: (
        *one.volatilities,
        replace(one.volatilities[0], authority_index=99),
    ),
    "volatility_foreign": lambda one: one.smiles_at(one.facts.time_ms, chain_id=bytes(32)),
    "volatility_of_another_epoch": lambda one: one.smiles_at(
        one.facts.time_ms, epoch=one.facts.epoch + 1
    ),
    "volatility_of_another_round": lambda one: one.smiles_at(
        one.facts.time_ms, round=one.volatilities[0].report.round + 1
    ),
    "volatility_forged": lambda one: (
        replace(one.volatilities[0], signature=one.volatilities[1].signature),
        *one.volatilities[1:],
    ),
    "volatility_altered": lambda one: (
        replace(one.volatilities[0], report=replace(one.volatilities[0].report, surfaces=())),
        *one.volatilities[1:],
    ),
    "volatility_replayed": lambda one: one.used_volatilities,
}
"""Sins of volatility, beside reports of prices that are true.

The last needs a block before that used reports of volatility.
"""
