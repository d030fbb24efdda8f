"""What a POS machine may know of the shop: the key it asks with, and the stores in which that may act."""

from sqlalchemy import select

from db.tables import Store as Row
from pos.api.operations import Call
from pos.api.shapes import KeyShown, Store, Stores


def key(call: Call, _body: None) -> KeyShown:
    """The key that asks."""
    known = call.key
    row = call.db.get(Row, known.store_id) if known.store_id is not None else None
    return KeyShown(
        name=known.name,
        prefix=known.prefix,
        scopes=list(known.scopes),
        store=_shown(row) if row else None,
        previous_until=known.previous_until,
    )


def stores(call: Call, _body: None) -> Stores:
    """The key's own store, or all of them."""
    asked = select(Row).order_by(Row.name)
    if call.key.store_id is not None:
        asked = asked.where(Row.id == call.key.store_id)
    return Stores(stores=[_shown(row) for row in call.db.scalars(asked)])


def _shown(row: Row) -> Store:
    return Store(store_id=row.id, name=row.name, is_closed=row.closed_at is not None)
