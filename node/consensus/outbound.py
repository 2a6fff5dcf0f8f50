"""What the core asks to send becomes frames on the links: encoded once, however many get it."""

from chain.consensus.effects import Everyone, Send
from chain.consensus.messages import Message, encode_message
from p2p.network import Link, TrafficClass


class Outbound:
    """Puts messages on links. Knows nothing of disks: it is called when they may leave."""

    def __init__(self, link: Link | None) -> None:
        self._link = link

    def send(self, sends: list[Send]) -> None:
        """Queue everything in order; a peer that is gone is passed over."""
        if self._link is None:
            return
        encoded: dict[int, tuple[int, bytes]] = {}
        for send in sends:
            frame = encoded.get(id(send.message))
            if frame is None:
                frame = encoded[id(send.message)] = encode_message(send.message)
            kind, payload = frame
            traffic = TrafficClass(send.traffic)
            if isinstance(send.to, Everyone):
                self._link.broadcast(kind, payload, traffic)
                continue
            for peer in send.to:
                self._link.send(str(peer), kind, payload, traffic)

    def answer(self, peer: str, message: Message) -> None:
        """Queue an answer of the store for one peer."""
        if self._link is not None:
            kind, payload = encode_message(message)
            self._link.send(peer, kind, payload, TrafficClass.SYNC)
