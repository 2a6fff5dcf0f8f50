"""`novation agent`: run a maker, an arbitrageur, a keeper or a quoter in this terminal."""

import sys
from pathlib import Path

import click

from node.cli.lazy import Group
from node.cli.session import Session
from node.client.failures import USAGE, Failure


@click.group(cls=Group)
def agent() -> None:
    """Run programs that trade by themselves: they use nothing but a node's public interface."""


@agent.command("run")
@click.argument("name")
@click.option("--config", type=click.Path(exists=True, dir_okay=False), help="A TOML file.")
@click.option("--set", "told", multiple=True, metavar="KEY=VALUE", help="Over the file's value.")
@click.pass_obj
def run(session: Session, name: str, config: str | None, told: tuple[str, ...]) -> None:
    """Run an agent until Ctrl-C: for the account of --from, at the node of --rpc.

    novation agent run maker --from alice --set markets.BTC-PERP.size=0.5
    """
    import os

    from node.agents.known import agent_named
    from node.agents.run import run_agent
    from node.agents.running import keyring_of
    from node.agents.settings import read_settings, text_of
    from node.telemetry import logs

    if session.account_name:
        raise Failure(
            USAGE, "an agent trades for the account of its own key", "name that: --from alice/1"
        )
    known = agent_named(name)
    overrides = dict(pair_of(text) for text in told)
    if session.rpc or config is None:
        overrides.setdefault("nodes", session.target.url)
    if session.signer_name:
        overrides.setdefault("account", session.signer_name)
    path = Path(config) if config else None
    settings = read_settings(known.form, path, os.environ, overrides)
    if session.dry_run:
        text = text_of(settings, known.sentence)
        session.reporter.result({"name": name, "settings": text}, text.splitlines())
        return
    keys = keyring_of(settings, path.parent if path else Path()) if settings.keys else None
    session.reporter.note(f"{name} for {settings.account}; Ctrl-C ends it and cancels its orders")
    logs.set_up(
        None, console=sys.stderr, console_format="json" if session.reporter.as_json else "text"
    )
    run_agent(known, settings, keys or session.keyring)
    session.reporter.result({"name": name, "ended": True}, [f"{name} ended"])


@agent.command("config")
@click.argument("name")
@click.pass_obj
def config_of(session: Session, name: str) -> None:
    """Print everything that an agent may be told, with its default, as the file that tells it.

    novation agent config maker > maker.toml
    """
    from node.agents.known import agent_named
    from node.agents.settings import text_of

    known = agent_named(name)
    text = text_of(known.form(), known.sentence)
    session.reporter.result({"name": name, "settings": text}, text.splitlines())


def pair_of(text: str) -> tuple[str, str]:
    """Return key and value of `KEY=VALUE`. Refuses: USAGE, for anything else.

    >>> pair_of("markets.BTC-PERP.size=2")
    ('markets.BTC-PERP.size', '2')
    """
    key, joined, value = text.partition("=")
    if not key or not joined:
        raise Failure(USAGE, f'"{text}" sets nothing', "like this: --set every_ms=1000")
    return key, value
