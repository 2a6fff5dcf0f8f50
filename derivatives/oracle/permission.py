"""What may be done while a feed is in a state: the matrix, as a table in state.

| state | open | reduce | withdraw | liquidate | quote | settle |
|---|---|---|---|---|---|---|
| normal | yes | yes | yes | yes | yes | yes |
| degraded | yes | yes | unaffected | yes | no | no |
| jump, stale | no | yes | unaffected | unaffected | no | no |
| auction | gather | yes | unaffected | unaffected | no | no |
| invalid | no | no | unaffected | unaffected | no | no |

`gather`: orders that could open are taken for a call auction alone, which waits for the feed.
With an invalid feed, orders may only be cancelled.  `unaffected`: allowed to whoever does not
need this feed.

Source: docs/specs/oracle.md, ORAC-030 to ORAC-032.
"""

from enum import IntEnum

from chain.kit import View
from derivatives.ids import FeedId
from derivatives.oracle.ladder import Action, FeedState
from derivatives.oracle.prices import state_of
from derivatives.oracle.state import PERMISSIONS


class Allowed(IntEnum):
    """The answers of the matrix; stored as their number."""

    NO = 0
    YES = 1
    UNAFFECTED = 2
    GATHER = 3


def allowed(view: View, state: FeedState, action: Action) -> Allowed:
    """Return the matrix's answer; what it does not name is not allowed."""
    permission = view.get(PERMISSIONS, (int(state), int(action)))
    return Allowed.NO if permission is None else Allowed(permission.allowed)


def permits(view: View, feed: FeedId, action: Action) -> bool:
    """Return whether somebody who needs this feed may do this now."""
    return allowed(view, state_of(view, feed), action) is Allowed.YES
