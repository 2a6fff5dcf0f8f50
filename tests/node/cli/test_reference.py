from node.cli.main import COMMANDS
from node.cli.reference import EXITS, PAGE, page
from node.client import failures
from node.client.failures import Kind


def test_page_in_the_tree_is_what_the_declarations_say() -> None:
    assert page() == PAGE.read_text(encoding="utf-8")


def test_every_command_reason_and_exit_code_is_on_the_page() -> None:
    text = page()

    kinds = [value for value in vars(failures).values() if isinstance(value, Kind)]
    assert [] == [name for name in COMMANDS if f"## novation {name}\n" not in text]
    assert [] == [kind.reason for kind in kinds if f"`{kind.reason}`" not in text]
    assert {kind.exit_code for kind in kinds} <= EXITS.keys()
