"""A node that lies to whoever catches up: `python -m tests.bench.wire.liar --data DIR/NAME`.

It votes as it should. In every second range that it serves, one bit of the last block is another,
and every second tip is cut off before its end.
"""

import sys
from itertools import count

from node.run import main
from node.sync import serving
from node.sync.wire import GetEpochs, GetRange, GetTip, Request

ANSWER = serving.Serving._read
asked_counts = {GetTip: count(), GetRange: count(), GetEpochs: count(1, 2)}
"""How often each was asked for; boundaries are told as they are."""


def told(self: serving.Serving, asked: Request) -> bytes:
    """Return an answer, every second one wrong."""
    answer = ANSWER(self, asked)
    if next(asked_counts[type(asked)]) % 2:
        return answer
    if isinstance(asked, GetTip):
        return answer[:-1]
    place = len(answer) * 3 // 4
    return answer[:place] + bytes([answer[place] ^ 1]) + answer[place + 1 :]


if __name__ == "__main__":
    serving.Serving._read = told  # type: ignore[method-assign]
    sys.exit(main())
