"""What can be asked of authorities that is not simply stored."""

from chain.kit import Query, View
from chain.modules.authorities.state import AUTHORITIES, AuthorityList
from chain.modules.system.standing import progress_of


def current_authorities(view: View) -> AuthorityList:
    """Return the authorities of the current epoch."""
    listed = view.get(AUTHORITIES, progress_of(view).epoch)
    assert listed is not None, "the current epoch has its authorities"
    return listed


QUERIES = (Query("current", current_authorities, {}),)
