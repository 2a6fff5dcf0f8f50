"""The clearinghouse: native state-transition modules on top of chain."""
