"""Relations between the bounds, which are read from one place."""

from p2p import limits
from p2p.network import TrafficClass


def test_every_traffic_class_has_its_bytes() -> None:
    assert len(TrafficClass) == len(limits.QUEUE_MAX_BYTES)
    assert (4, 4, 8, 1) == tuple(most // limits.MEBIBYTE for most in limits.QUEUE_MAX_BYTES)


def test_a_publication_fits_a_packet_and_an_answer_fits_the_buffers_of_a_member() -> None:
    assert limits.PUBLISH_MAX_BYTES < limits.GOSSIP_RPC_MAX_BYTES
    assert limits.ANSWER_MAX_BYTES <= limits.MEMBER_BUFFER_MAX_BYTES
    assert limits.STRANGER_BUFFER_MAX_BYTES < limits.MEMBER_BUFFER_MAX_BYTES
