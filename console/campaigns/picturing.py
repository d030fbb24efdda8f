"""A campaign's picture: stored as soon as it is chosen, so that no mistake elsewhere in the form loses it."""

from io import SEEK_END

from flask import Response, jsonify, make_response, request
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
        image_id = keep(file) if file else ""
    except ImageError as error:
        return make_response(jsonify(error=say(error.zh, error.en)), 422)
    with services().database.read() as session:
        told = looks.of_picture(session, image_id)
    return jsonify(id=image_id, told=told)


def keep(file: FileStorage) -> str:
    """The id of an uploaded picture, which is stored; empty where no file was chosen.

    It is drawn anew while no transaction is open: that may take a second, and on SQLite nobody could redeem meanwhile.

    Raises:
        ImageError: what is wrong with it.
    """
    name, database = (file.filename or "")[-SHOWN:], services().database
    if not name:
        return ""
    size = file.seek(0, SEEK_END)
    if size >= images.MAX_BYTES:
        raise images.too_large(name, size)
    file.seek(0)
    content = file.read()
    with database.write() as session:
        found = images.again(session, content)
    if found:
        return found
    drawn = images.redrawn(content, name)
    with database.write() as session:
        return images.keep(session, drawn)
