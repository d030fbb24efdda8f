"""The door for POS machines: /api/v1/. No session and no cookie: every request brings its key."""

from flask import Blueprint, Response

from pos.api import documents, serving
from pos.api.listing import OPERATIONS
from web import problems
from web.problems import ProblemError

blueprint = Blueprint("api", __name__, url_prefix=problems.API, template_folder="templates", static_folder="static")


@blueprint.errorhandler(ProblemError)
def problem(error: ProblemError) -> Response:
    """A request that is not taken."""
    return problems.answer(error)


@blueprint.after_request
def uncached(response: Response) -> Response:
    """What is answered to a key is nobody else's."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response


for operation in OPERATIONS:
    blueprint.add_url_rule(operation.path, operation.name, serving.view(operation), methods=[operation.method])
blueprint.add_url_rule("/openapi.json", "document", documents.as_json)
blueprint.add_url_rule("/docs", "docs", documents.as_page)
