"""What one open block changes, over the state of its parent.

Reads fall through to the parent; every change is journalled, so that a refused
transaction is undone exactly, however deep it was nested.  Sealing encodes and hashes
each changed key once and gives the root; from then on the overlay is as fixed as its
block and may be a parent itself.

Source: docs/specs/state.md, STATE-005, STATE-006, STATE-017.
"""

from collections.abc import Iterator, Mapping
from heapq import merge
from operator import itemgetter
from types import MappingProxyType
from typing import Any, TypeVar

from sortedcontainers import SortedDict

from chain.kit.table import AnyTable, Key, Table
from chain.state.commitment import BucketTree, Layer
from chain.state.journal import Change, Journal
from chain.state.sealing import seal
from chain.state.view import CommittedView, Row, Scanned, Step

V = TypeVar("V")

_NOTHING: Mapping[Any, Any] = MappingProxyType({})


class StaleParent(RuntimeError):
    """The state under an overlay has moved on: the overlay is of a fork that lost."""


class Overlay(Scanned, Journal):
    """The changes of one block, over a view with a root.

    A key is looked up here, then in the parent.  The parent must not change meanwhile,
    except by folding this overlay or what lies under it.
    """

    __slots__ = ("_changes_root", "_encoded_changes", "_layer", "_order", "is_folded", "opened_on")

    _parent: CommittedView
    is_folded: bool

    def __init__(self, parent: CommittedView) -> None:
        while isinstance(parent, Overlay) and parent.is_folded:
            parent = parent.parent  # a folded overlay stands on the tables that took it in
        super().__init__(parent)
        self.opened_on: bytes = parent.root
        self._order: dict[AnyTable, SortedDict[bytes, Key]] = {}
        self._encoded_changes: tuple[Change, ...] = ()
        self._layer: Layer | None = None
        self._changes_root = b""
        self.is_folded = False

    # -- reading

    def rows_between(self, table: AnyTable, low: bytes, high: bytes) -> Iterator[Row]:
        """Return the rows with low <= encoded key < high, own changes over the parent's.

        They are as they are when reached: a key put meanwhile into an ordered table is met if
        it is still ahead; in other tables it is not.  Those are sorted for every reading.
        """
        below = self._parent.rows_between(table, low, high)
        if table.ordered:
            return self._over_ordered(table, below, low, high)
        return self._over_sorted(table, below, low, high)

    def _over_ordered(
        self, table: AnyTable, below: Iterator[Row], low: bytes, high: bytes
    ) -> Iterator[Row]:
        """Return own rows among the parent's; what is put ahead meanwhile is met."""
        pending = next(below, None)
        at, inclusive = low, True
        mine: bytes | None = None
        known_count = 0  # keys come and never go: as many as before are the same ones
        while True:
            own = self._order.get(table)
            if own is not None and len(own) != known_count:
                known_count = len(own)
                mine = next(own.irange(at, high, (inclusive, False)), None)
            row = pending
            if row is None or (mine is not None and mine <= row.encoded_key):
                if mine is None or own is None:
                    return
                if row is None or mine < row.encoded_key:
                    row = Row(mine, own[mine], None)
                else:
                    pending = next(below, None)
                at, inclusive = mine, False
                mine = next(own.irange(at, high, (False, False)), None)
            else:
                at, inclusive = row.encoded_key, False
                pending = next(below, None)
            record = self.changes.get(table, _NOTHING).get(row.key, row.record)
            if record is not None:
                yield row if record is row.record else Row(row.encoded_key, row.key, record)

    def _over_sorted(
        self, table: AnyTable, below: Iterator[Row], low: bytes, high: bytes
    ) -> Iterator[Row]:
        """Return own rows among the parent's, the keys those of the moment of the asking."""
        own = sorted(
            (encoded_key, key)
            for key in self.changes.get(table, ())
            if low <= (encoded_key := table.encoded(key)) < high
        )
        rows = merge(below, (Row(*each, None) for each in own), key=itemgetter(0)) if own else below
        last = b""
        for row in rows:
            if row.encoded_key == last:
                continue  # it was the parent's, which comes first, and has been looked at
            last = row.encoded_key
            record = self.changes.get(table, _NOTHING).get(row.key, row.record)
            if record is not None:
                yield row if record is row.record else Row(row.encoded_key, row.key, record)

    def changed(self, table: Table[V]) -> Iterator[tuple[Key, V | None, V | None]]:
        """Return each key of a table that was put or deleted, with its record before and now."""
        parent = self._parent
        for key, record in self.changes.get(table, {}).items():
            yield key, parent.get(table, key), record

    def order_key(self, table: AnyTable, key: Key) -> None:
        """Let scans meet a key, and keep its encoded form for whoever seals."""
        met = self._met.setdefault(table, {})
        if key in met:
            return  # it was here before a rollback
        encoded_key = table.encoded(key)
        order = self._order.get(table)
        if order is None:
            order = self._order[table] = SortedDict()
        order[encoded_key] = key
        met[key] = encoded_key

    # -- sealing

    def seal(self) -> None:
        """Fix the overlay: encode and hash every changed key, and derive the root."""
        if self._layer is not None:
            return
        tree, layers = self._layers_below()
        self._encoded_changes, self._layer, self._changes_root = seal(self, tree, layers)
        self._met = {}
        self.is_fixed = True

    @property
    def root(self) -> bytes:
        """Return the state root after these changes."""
        return self.layer.root

    @property
    def layer(self) -> Layer:
        """Return what differs in the tree."""
        assert self._layer is not None, "an overlay has a root once it is sealed"
        return self._layer

    @property
    def encoded_changes(self) -> tuple[Change, ...]:
        """Return the keys whose bytes differ from the parent's, ascending by key hash."""
        assert self._layer is not None, "changes are encoded when the overlay is sealed"
        return self._encoded_changes

    @property
    def changes_root(self) -> bytes:
        """Return the Merkle root over key hash, old and new value hash of every change."""
        assert self._layer is not None, "changes have a root when the overlay is sealed"
        return self._changes_root

    def layers(self) -> tuple[BucketTree, tuple[Layer, ...]]:
        """Return the tree at the bottom and what lies over it, this overlay last.

        Refuses: StaleParent, when the tree has moved on to another fork.
        """
        if self.is_folded:
            return self._parent.layers()
        tree, below = self._layers_below()
        return tree, (*below, self.layer)

    def trail(self) -> list[Step]:
        """Return own changes on the parent's root, then how the parent came to be.

        Nothing where the state under an overlay is no longer the one it was opened on.
        """
        found: list[Step] = []
        view: CommittedView = self
        while isinstance(view, Overlay):
            if not view.is_folded:
                found.append(Step(view.opened_on, view.changes))
            view = view.parent
        if found and found[-1].root != view.root:
            return []
        return [*found, *view.trail()]

    def _layers_below(self) -> tuple[BucketTree, tuple[Layer, ...]]:
        above: list[Overlay] = [self]
        parent = self._parent
        while type(parent) is Overlay and not parent.is_folded:
            above.append(parent)
            parent = parent.parent
        tree, found = parent.layers()
        layers = list(found)
        running = layers[-1].root if layers else tree.root
        for overlay in reversed(above):
            if overlay.opened_on != running:
                raise StaleParent(
                    "the state under this overlay is no longer the one it was opened on"
                )
            if overlay is not self:
                layers.append(overlay.layer)
                running = overlay.layer.root
        return tree, tuple(layers)

    def folded_into(self, tables: CommittedView) -> None:
        """Stand on the tables that have just taken these changes in, and hold none.

        Called by `Tables.fold` alone.  Children go on reading through this overlay, so
        folding makes rebasing them needless and the chain of parents never grows.
        """
        assert self._layer is not None
        self._parent = tables
        self.is_folded = True
        self.changes = {}
        self._order = {}

    @property
    def parent(self) -> CommittedView:
        """Return the view this overlay stands on."""
        return self._parent
