"""The entry of `novation`: runs one command and turns whatever happens into one exit code.

Source: docs/specs/cli.md, CLI-001 to CLI-014.
"""

import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import NoReturn

import click

from node.cli.lazy import HELP_WIDTH, LazyGroup, wants_json
from node.cli.session import Session
from node.client.failures import (
    BUG,
    EXIT_DONE,
    INTERRUPTED,
    NO_COMMAND,
    USAGE,
    Failure,
    Kind,
)
from node.faults import NodeFault

COMMANDS = {
    "devnet": "node.cli.commands.devnet:devnet",
    "dev": "node.cli.commands.dev:dev",
    "node": "node.cli.commands.node:node",
    "keys": "node.cli.commands.keys:keys",
    "account": "node.cli.commands.account:account",
    "order": "node.cli.commands.trading.order:order",
    "position": "node.cli.commands.trading.position:position",
    "agent": "node.cli.commands.trading.agent:agent",
    "synthetic": "node.cli.commands.trading.synthetic:synthetic",
    "market": "node.cli.commands.trading.market:market",
    "risk": "node.cli.commands.house.risk:risk",
    "clearing": "node.cli.commands.house.clearing:clearing",
    "send": "node.cli.commands.send:send",
    "query": "node.cli.commands.query:query",
    "oracle": "node.cli.commands.oracle:oracle",
    "multisig": "node.cli.commands.signing.multisig:multisig",
    "tx": "node.cli.commands.tx:tx",
    "block": "node.cli.commands.block:block",
    "events": "node.cli.commands.events:events",
    "watch": "node.cli.commands.events:watch",
    "rpc": "node.cli.commands.rpc:rpc",
    "audit": "node.cli.commands.rpc:audit",
    "doctor": "node.cli.commands.doctor:doctor",
    "version": "node.cli.commands.version:version",
    "completion": "node.cli.commands.version:completion",
}

root = LazyGroup(
    "novation",
    lazy=COMMANDS,
    help="Run, ask and use Novation: a derivatives clearinghouse on a proof-of-authority chain.",
    epilog="First steps: novation devnet up, then novation account balances alice.",
    no_args_is_help=False,
    context_settings={"max_content_width": HELP_WIDTH},
)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command that the arguments ask for, and exit as they are owed."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    session = Session(as_json=wants_json(given))
    sys.excepthook = _crash_reporter(session)
    code = run(given, session)
    # Nothing is left to be flushed to a reader that has gone.
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def run(arguments: list[str], session: Session) -> int:
    """Return the exit code of one command; everything expected has been said by then."""
    try:
        answer: object = root.main(
            arguments or ["--help"], prog_name="novation", obj=session, standalone_mode=False
        )
    except Failure as failure:
        return _told(session, failure)
    except NodeFault as fault:
        return _told(session, _node_failure(fault))
    except click.ClickException as fault:
        return _told(session, _usage_failure(fault))
    except (click.Abort, KeyboardInterrupt):
        return _told(session, Failure(INTERRUPTED, "interrupted"))
    except (BrokenPipeError, SystemExit):
        # The reader of stdout has gone (click turns that into an exit): it has what it wanted.
        return EXIT_DONE
    finally:
        session.close()
    return answer if isinstance(answer, int) else EXIT_DONE


def _told(session: Session, failure: Failure) -> int:
    """Return the exit code of a failure, once it has been said."""
    session.reporter.failure(failure, session.names)
    return failure.exit_code


def _node_failure(fault: NodeFault) -> Failure:
    """Return the failure that a fault of the node's own rooms is for a command."""
    advice = [part for part in (fault.spared, fault.hint) if part]
    kind = Kind(fault.reason, fault.code, fault.exit_code)
    return Failure(kind, fault.happened, *advice, details=fault.facts)


def _usage_failure(fault: click.ClickException) -> Failure:
    """Return the failure for a line that cannot be understood, with the nearest name."""
    context = getattr(fault, "ctx", None)
    path = context.command_path if context is not None else "novation"
    advice = [f"how it is used: {path} --help"]
    if isinstance(fault, click.exceptions.NoSuchCommand):
        nearest = f'; did you mean "{fault.possibilities[0]}"?' if fault.possibilities else ""
        return Failure(NO_COMMAND, f'no command "{fault.command_name}"{nearest}', *advice)
    if isinstance(fault, click.exceptions.NoSuchOption):
        nearest = f"; did you mean {fault.possibilities[0]}?" if fault.possibilities else ""
        return Failure(USAGE, f"no option {fault.option_name}{nearest}", *advice)
    message = fault.format_message().rstrip(".")
    return Failure(USAGE, message[:1].lower() + message[1:], *advice)


CrashReporter = Callable[[type[BaseException], BaseException, TracebackType | None], None]


def _crash_reporter(session: Session) -> CrashReporter:
    def report(
        kind: type[BaseException], fault: BaseException, trace: TracebackType | None
    ) -> None:
        """Say in one line that this is our bug, and keep the traceback in a file."""
        with tempfile.NamedTemporaryFile(
            "w", prefix="novation-crash-", suffix=".txt", delete=False
        ) as file:
            traceback.print_exception(kind, fault, trace, file=file)
        session.reporter.failure(
            Failure(
                BUG,
                f"this is a bug of novation: {kind.__name__}: {fault}",
                f"what was done until then stands; the traceback is in {file.name}",
                details={"traceback": file.name},
            )
        )

    return report


if __name__ == "__main__":
    main()
