"""An empty Flask route: what the server can do at most with an application that does nothing."""

from flask import Flask, Response, jsonify


def create_app() -> Flask:
    """The application. Its serial is a constant, so that answers can be counted as elsewhere."""
    app = Flask(__name__)

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.route("/empty/<token>", methods=["GET", "POST"])
    def empty(token: str) -> Response:
        return jsonify(state="redeemed", reason=None, serial="S0000000000", reference=token[:8])

    @app.route("/v2/bot/<path:_path>", methods=["GET", "POST"])
    def platform(_path: str) -> Response:
        """LINE, as far as a worker needs it: everything succeeds."""
        return jsonify(sentMessages=[{"id": "1"}], userId="U", displayName="Mei")

    return app
