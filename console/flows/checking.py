"""POST /console/flows/NAME/check: the text as it is being typed, judged, as JSON for the editor."""

from flask import Response, abort, jsonify, render_template, request

from console.flows import texts, verdict
from console.flows.door import blueprint
from web.services import services
from web.words import language


@blueprint.post("/<name>/check")
def check(name: str) -> Response:
    """`mistakes` with their places, for the gutter, and `html`, the verdict as the page shows it. Nothing is kept."""
    try:
        sent = request.get_json()
    except RecursionError:  # nested as no editor of ours would
        abort(400)
    if not isinstance(sent, dict) or not isinstance(sent.get("source"), str):
        abort(400)
    with services().database.read() as session:
        desk = texts.desk(session, name)
    found = verdict.of_text(desk, texts.typed(sent["source"]))
    return jsonify(
        mistakes=[
            {
                "line": one.line,
                "column": one.column,
                "code": one.message.code,
                "message": one.message.of(language()),
                "warning": one.is_warning,
            }
            for one in (*found.errors, *found.warnings)
        ],
        html=render_template("console/flows/_verdict.html", verdict=found),
    )
