"""What happened to compartments."""

from chain.kit import record


@record
class CompartmentFrozen:
    """A compartment stands still from here on: this equation or hook failed in it."""

    compartment: str
    cause: str
