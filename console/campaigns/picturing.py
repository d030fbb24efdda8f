"""A campaign's picture: stored as soon as it is chosen, so that no mistake elsewhere in the form loses it."""

from io import SEEK_END

from flask import Response, jsonify, make_response, request
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from console.campaigns import looks
from console.campaigns.door import blueprint
from core import images
from core.images import ImageError
from web.services import services
from web.words import say

SHOWN = 40  # characters of a file's name


@blueprint.post("/_picture")
def store() -> Response:
    """Store a picture for a script, which keeps its id in the form. JSON: `id` and what to know; or `error`."""
    file = request.files.get("picture")
    try:
        with services().database.write() as session:
            image_id = keep(session, file) if file else ""
            told = looks.of_picture(session, image_id)
    except ImageError as error:
        return make_response(jsonify(error=say(error.zh, error.en)), 422)
    return jsonify(id=image_id, told=told)


def keep(session: Session, file: FileStorage) -> str:
    """The id of an uploaded picture, which is stored; empty where no file was chosen.

    Raises:
        ImageError: what is wrong with it.
    """
    name = (file.filename or "")[-SHOWN:]
    if not name:
        return ""
    size = file.seek(0, SEEK_END)
    if size >= images.MAX_BYTES:
        raise images.too_large(name, size)
    file.seek(0)
    return images.store(session, file.read(), name)
