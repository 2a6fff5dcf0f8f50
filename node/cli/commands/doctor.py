"""`novation doctor`: is this machine fit to run a node, and what is missing."""

import shutil
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from node.cli.lazy import Command
from node.cli.session import Session
from node.client.failures import SYSTEM_UNFIT, Failure

PYTHON_MINIMUM = (3, 11)
FREE_FLOOR_BYTES = 2 * 1024**3
CLOCK_FLOOR_MS = 1_700_000_000_000  # a clock before this was never set
CLOCK_OFFSET_MAX_MS = 300
LIBRARIES = ("click", "cryptography", "httptools", "libp2p", "msgspec", "nacl", "plyvel", "trio")
MEBIBYTE = 1024**2


@dataclass(frozen=True)
class Finding:
    """What one look found: `ok`, `warning` (a node can run) or `fault`."""

    subject: str
    state: str
    text: str
    hint: str = ""


def _look_python(_session: Session) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    fit = sys.version_info[:2] >= PYTHON_MINIMUM
    return Finding("python", "ok" if fit else "fault", version, "" if fit else "use Python 3.11")


def _look_libraries(_session: Session) -> Finding:
    from importlib.util import find_spec

    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if missing:
        return Finding("libraries", "fault", f"missing: {', '.join(missing)}", "run: make install")
    return Finding("libraries", "ok", f"{len(LIBRARIES)} found")


def _look_signatures(_session: Session) -> Finding:
    from chain.crypto.vectors import SIGNATURE_VECTORS
    from chain.crypto.verification import WrongVerdict, check_verdicts

    try:
        check_verdicts()
    except WrongVerdict as fault:
        return Finding("libsodium", "fault", str(fault), "run: make install")
    return Finding("libsodium", "ok", f"{len(SIGNATURE_VECTORS)} vectors judged as they must be")


def _look_compiler(_session: Session) -> Finding:
    compiler = shutil.which("cc") or shutil.which("gcc")
    folders = [Path(sysconfig.get_paths()["include"]), Path("/usr/include")]
    folders += sorted(Path("/usr/include").glob("*-linux-gnu"))
    wanted = {
        "cc": compiler is not None,
        "Python.h": any((folder / "Python.h").is_file() for folder in folders),
        "gmp.h": any((folder / "gmp.h").is_file() for folder in folders),
    }
    missing = [name for name, found in wanted.items() if not found]
    if missing:
        return Finding(
            "build",
            "warning",
            f"missing: {', '.join(missing)}",
            "needed to install anew: apt install gcc libc6-dev python3-dev libgmp-dev make",
        )
    return Finding("build", "ok", "cc, Python.h and gmp.h found")


def _look_kernels(_session: Session) -> Finding:
    from node.cli.kernels import TWIN_NAME, kernels_in_use, spoken

    kernels = kernels_in_use()
    slow = TWIN_NAME in kernels.values()
    hint = "python answers alike and slower; with what is built from: make install" if slow else ""
    return Finding("kernels", "warning" if slow else "ok", spoken(kernels), hint)


def _look_ports(session: Session) -> Finding:
    from node.client.target import DEFAULT_PORT, DEVNET_FOLDER
    from node.devnet.layout import Choices, find_network, ports_of
    from node.devnet.ports import holder_of, is_free
    from node.devnet.processes import running_pid

    network = find_network(session.folder(DEVNET_FOLDER))
    choices = network.choices if network else Choices("devnet", 4, DEFAULT_PORT, 500, None)
    own = (
        {running_pid(network.folder_of(place)) for place in network.nodes} - {None}
        if network
        else set()
    )
    taken = []
    for port in ports_of(choices):
        if not is_free(port):
            holder = holder_of(port)
            if holder is None or holder.pid not in own:
                taken.append(
                    f"{port}" + (f" by pid {holder.pid} ({holder.name})" if holder else "")
                )
    if taken:
        return Finding(
            "ports", "warning", f"taken: {', '.join(taken)}", "choose others: --port 7800"
        )
    if own:
        return Finding("ports", "ok", f"held by the network in {network and network.home}")
    ports = ports_of(choices)
    half = len(ports) // 2
    return Finding("ports", "ok", f"{ports[0]}-{ports[half - 1]} {ports[half]}-{ports[-1]} free")


def _look_disk(session: Session) -> Finding:
    from node.client.target import DEVNET_FOLDER

    folder = session.folder(DEVNET_FOLDER).absolute()
    while not folder.exists():
        folder = folder.parent
    free_bytes = shutil.disk_usage(folder).free
    text = f"{free_bytes // MEBIBYTE} MiB free at {folder}"
    if free_bytes < FREE_FLOOR_BYTES:
        return Finding("disk", "warning", text, "below 2048 MiB a node stops voting; make room")
    return Finding("disk", "ok", text)


def _look_clock(session: Session) -> Finding:
    from node.clock import Clock

    if Clock().wall_ms() < CLOCK_FLOOR_MS:
        return Finding("clock", "fault", "was never set", "set it, and keep it set by NTP")
    try:
        offset_ms = session.client.call("node_explainStall").get("clock_offset_ms")
    except Failure:
        return Finding("clock", "ok", "set; no node answers to compare with")
    if offset_ms is None:
        return Finding("clock", "ok", "set; the node has heard too few others to compare")
    far = abs(int(offset_ms)) > CLOCK_OFFSET_MAX_MS
    text = f"{offset_ms} ms from the median of the authorities"
    return Finding("clock", "warning" if far else "ok", text, "run NTP" if far else "")


def _look_keys(session: Session) -> Finding:
    keyring = session.keyring
    open_files = [
        str(key.path)
        for key in keyring.known()
        if not key.development and key.path.stat().st_mode & 0o077
    ]
    if open_files:
        return Finding(
            "keys", "warning", f"others may read {', '.join(open_files)}", "chmod 600 on them"
        )
    return Finding("keys", "ok", f"{len(keyring.known())} found")


LOOKS: tuple[Callable[[Session], Finding], ...] = (
    _look_python,
    _look_libraries,
    _look_signatures,
    _look_compiler,
    _look_kernels,
    _look_ports,
    _look_disk,
    _look_clock,
    _look_keys,
)


@click.command(cls=Command)
@click.pass_obj
def doctor(session: Session) -> None:
    """Look whether this machine is fit to run a node, and say what is missing."""
    from node.cli.kernels import kernels_in_use

    findings = [look(session) for look in LOOKS]
    kernels = kernels_in_use()
    marks = {"ok": " ok ", "warning": "WARN", "fault": "FAIL"}
    width = max(len(finding.subject) for finding in findings)
    lines = []
    for finding in findings:
        mark = marks[finding.state]
        lines.append(f"{mark}  {finding.subject.ljust(width)}  {finding.text}")
        if finding.hint:
            lines.append(f"      {' ' * width}  {finding.hint}")
    data = {
        "checks": [
            {"subject": f.subject, "state": f.state, "text": f.text, "hint": f.hint or None}
            for f in findings
        ],
        "kernel": kernels["margin"],
        "kernels": kernels,
    }
    faults = [finding for finding in findings if finding.state == "fault"]
    if faults:
        if not session.reporter.as_json:
            for line in lines:
                session.reporter.note(line)
        raise Failure(
            SYSTEM_UNFIT,
            f"this machine cannot run a node: {', '.join(f.subject for f in faults)}",
            *(f"{f.subject}: {f.hint}" for f in faults if f.hint),
            details=data,
        )
    session.reporter.result(data, lines)
