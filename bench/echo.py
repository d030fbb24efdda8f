"""line-bot-sdk's own echo bot, as its `examples/flask-echo` is: what a developer has after an afternoon."""

from flask import Flask, abort, request
from linebot.v3 import WebhookHandler
from linebot.v3.exceptions import InvalidSignatureError
from linebot.v3.messaging import ApiClient, Configuration, MessagingApi, ReplyMessageRequest, TextMessage
from linebot.v3.webhooks import MessageEvent, TextMessageContent

import settings


def create_app() -> Flask:
    """The application. Nothing is stored: an event that fails is lost, one that comes twice is answered twice."""
    app, given = Flask(__name__), settings.load()
    handler = WebhookHandler(given.line_channel_secret)
    configuration = Configuration(host=given.line_api_url, access_token=given.line_channel_access_token)

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.post("/webhooks/line")
    def callback() -> str:
        try:
            handler.handle(request.get_data(as_text=True), request.headers["X-Line-Signature"])
        except InvalidSignatureError:
            abort(400)
        return "OK"

    @handler.add(MessageEvent, message=TextMessageContent)  # type: ignore[untyped-decorator]  # the SDK has no types
    def message(event: MessageEvent) -> None:
        with ApiClient(configuration) as client:
            MessagingApi(client).reply_message_with_http_info(
                ReplyMessageRequest(reply_token=event.reply_token, messages=[TextMessage(text=event.message.text)])
            )

    return app
