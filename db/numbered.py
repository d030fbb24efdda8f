"""Serials at consecutive places of a pack, put in by one statement whose one parameter carries all of them.

Neither driver goes through the rows, as it would for `executemany`; bench/packs.py compares.
"""

import json
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

_STATEMENTS = {
    "postgresql": text(
        "INSERT INTO serials (pack_id, position, campaign_id, code)"
        " SELECT :pack, :first + number - 1, :campaign, code"
        " FROM unnest(string_to_array(:codes, E'\n')) WITH ORDINALITY AS listed (code, number)"
    ),
    "sqlite": text(
        "INSERT INTO serials (pack_id, position, campaign_id, code)"
        " SELECT :pack, :first + key, :campaign, value FROM json_each(:codes)"
    ),
}


def insert_serials(session: Session, pack_id: int, campaign_id: int, first: int, codes: Sequence[str]) -> bool:
    """Put `codes`, none of which has a line end, at the places from `first` on, all of them or none.

    Returns whether they were put in: the unique index has refused them where the campaign has one of them already, or
    one of them is there twice.
    """
    dialect = session.get_bind().dialect.name
    written = json.dumps(codes) if dialect == "sqlite" else "\n".join(codes)
    values = {"pack": pack_id, "campaign": campaign_id, "first": first, "codes": written}
    try:
        with session.begin_nested():
            session.connection().execute(_STATEMENTS[dialect], values)
    except IntegrityError:
        return False
    return True
