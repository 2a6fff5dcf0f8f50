"""What can be asked of signers that is not simply stored."""

from chain.kit import Query, View, address_key, integer_key, record
from chain.modules.signers.lanes import next_sequence


@record
class NextSequence:
    """The sequence that a lane's next transaction has."""

    sequence: int


def sequence_of(view: View, signer: bytes, lane: int) -> NextSequence:
    """Return the next sequence of a signer's lane, 0 for a lane never used."""
    return NextSequence(next_sequence(view, signer, lane))


QUERIES = (
    Query(
        "next_sequence",
        sequence_of,
        {"signer": address_key("signer"), "lane": integer_key("lane", 16)},
    ),
)
