"""What must always hold of packs in the making."""

from sqlalchemy import and_, or_, select

from core.imports.loading import WORKING
from core.invariant import Invariant
from db.tables import Import, Pack, Serial

_fills = select(Import.id).where(Import.pack_id == Pack.id, or_(Import.state.in_(WORKING), Import.state == "choosing"))
INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "serial_of_its_pack",
        "Every serial has its pack, of the same campaign.",
        select(Serial.pack_id, Serial.position, Serial.campaign_id)
        .outerjoin(Pack, and_(Pack.id == Serial.pack_id, Pack.campaign_id == Serial.campaign_id))
        .where(Pack.id.is_(None)),
    ),
    Invariant(
        "pack_in_the_making",
        "Every pack that is not whole is being filled by an import that is not over.",
        select(Pack.id, Pack.campaign_id).where(~Pack.is_whole, ~_fills.exists()),
    ),
    Invariant(
        "import_in_its_pack",
        "Every import that is done has its pack, whole.",
        select(Import.id, Import.pack_id)
        .outerjoin(Pack, Pack.id == Import.pack_id)
        .where(Import.state == "done", or_(Pack.id.is_(None), ~Pack.is_whole)),
    ),
)
