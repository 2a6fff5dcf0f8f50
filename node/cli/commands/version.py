"""`novation version`, `novation completion`: this program itself."""

import click

from node.cli.lazy import Command
from node.cli.session import Session

SHELLS = ("bash", "zsh", "fish")


@click.command(cls=Command)
@click.pass_obj
def version(session: Session) -> None:
    """Show the versions of this program and of what it verifies with."""
    import platform
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as version_of

    from node.cli.kernels import kernels_built, spoken

    found: dict[str, object] = {}
    for name in ("novation", "PyNaCl", "cryptography", "msgspec", "libp2p", "trio", "plyvel"):
        try:
            found[name.lower()] = version_of(name)
        except PackageNotFoundError:
            found[name.lower()] = None
    kernels = kernels_built()
    data = {
        "version": found.pop("novation"),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "kernel": kernels["margin"],
        "kernels": kernels,
        "libraries": found,
    }
    libraries = " · ".join(f"{name} {number}" for name, number in found.items())
    session.reporter.result(
        data,
        [
            f"novation {data['version']}",
            f"  python {data['python']} on {data['platform']}",
            f"  kernels {spoken(kernels)}",
            f"  {libraries}",
        ],
    )


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_obj
def completion(session: Session, shell: str) -> None:
    """Print the completion script of a shell; source it from the shell's start file."""
    from click.shell_completion import get_completion_class

    from node.cli.main import root

    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(root, {}, "novation", "_NOVATION_COMPLETE").source()
    session.reporter.result({"shell": shell, "script": script}, [script])
