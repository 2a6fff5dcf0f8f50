"""What the core asks to send becomes frames on the links: encoded once, however many get it."""

from chain.consensus.effects import Everyone, Send
from chain.consensus.messages import Message, encode_message
from p2p.network import Link, TrafficClass


class Outbound:
    """Puts messages on links. Knows nothing of disks: it is called when they may leave."""

    def __init__(self) -> None:
        self.link: Link | None = None
        """None on a chain of one authority, and until the network runs."""

    def send(self, sends: list[Send]) -> None:
        """Queue everything in order; a peer that is gone is passed over."""
        if self.link is None:
            return
        encoded: dict[int, tuple[int, bytes]] = {}
        for send in sends:
            frame = encoded.get(id(send.message))
            if frame is None:
                frame = encoded[id(send.message)] = encode_message(send.message)
            kind, payload = frame
            traffic = TrafficClass(send.traffic)
            if isinstance(send.to, Everyone):
                self.link.broadcast(kind, payload, traffic)
                continue
            for peer in send.to:
                self.link.send(str(peer), kind, payload, traffic)

    def answer(self, peer: str, message: Message) -> None:
        """Queue an answer of the store for one peer."""
        if self.link is not None:
            kind, payload = encode_message(message)
            self.link.send(peer, kind, payload, TrafficClass.SYNC)
