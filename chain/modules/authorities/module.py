"""Who may make blocks."""

from chain.kit import Module
from chain.modules.authorities.events import OffenceRecorded
from chain.modules.authorities.hooks import record_offences
from chain.modules.authorities.invariants import (
    authorities_are_told_apart,
    the_current_epoch_has_its_authorities,
)
from chain.modules.authorities.queries import QUERIES
from chain.modules.authorities.state import AUTHORITIES, OFFENCES

MODULE = Module(
    id=3,
    name="authorities",
    tables=(AUTHORITIES, OFFENCES),
    genesis=(AUTHORITIES,),
    begin_block=(record_offences,),
    queries=QUERIES,
    events={1: OffenceRecorded},
    invariants=(authorities_are_told_apart, the_current_epoch_has_its_authorities),
)
