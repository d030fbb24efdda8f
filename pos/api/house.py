"""What a POS machine may know of the shop: the key it asks with, and the stores in which that may act."""

from core import stores as known_stores
from core.stores import Place
from pos.api.operations import Call
from pos.api.shapes import KeyShown, Store, Stores


def key(call: Call, _body: None) -> KeyShown:
    """The key that asks."""
    known = call.key
    place = known_stores.one(call.db, known.store_id) if known.store_id is not None else None
    return KeyShown(
        name=known.name,
        prefix=known.prefix,
        scopes=list(known.scopes),
        store=_shown(place) if place else None,
        previous_until=known.previous_until,
    )


def stores(call: Call, _body: None) -> Stores:
    """The key's own store, or all of them."""
    places = known_stores.all_of(call.db)
    return Stores(stores=[_shown(place) for place in places if call.key.store_id in (None, place.store_id)])


def _shown(place: Place) -> Store:
    return Store(store_id=place.store_id, name=place.name, is_closed=place.closed_at is not None)
