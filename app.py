"""The one place where the rooms are wired together: the web application and the `flask` commands."""

import gc

# What the imports below make stays: looking for garbage in it takes a quarter of a program's start and time later.
# Where an import fails, the program ends.
gc.disable()

import importlib
from contextlib import suppress
from datetime import timedelta
from functools import partial

import click
from flask import Flask, redirect
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response

import commands.backup
import commands.campaigns
import commands.db
import commands.demo
import commands.devices
import commands.doctor
import commands.flows
import commands.keys
import commands.line
import commands.messenger
import commands.packs
import commands.persons
import commands.records
import commands.stores
import commands.undo
import commands.users
import commands.webhooks
import commands.worker
import console.account.views
import console.api_keys.views
import console.conflicts.views
import console.contacts
import console.hooks.views
import console.people.views
import console.replying
import console.stores.views
import console.views
import coupon_pages.barcodes
import coupon_pages.samples
import coupon_pages.taps
import coupon_pages.views
import logs
import pos.api.views
import pos.binding
import pos.customers
import pos.signing
import pos.views
import settings as environment
from bot import chats, webhooks
from bot.channels import CHANNELS, warnings
from commands import failing
from commands.running import SETTINGS_KEY
from core import clock, gauges
from core.gauges import Labels, Readings
from core.shop import Shop
from db import schema
from db.database import Database
from settings import Settings
from web import errors, health, limits, login, security
from web.health import Unhealthy
from web.held import Held
from web.services import KEY, Services
from web.together import Together
from workers import gauges as background_gauges
from workers import health as background
from workers import queues
from workers.bell import Bell
from workers.mailbox import Mailbox

gc.freeze()
gc.enable()

COMMANDS = (
    commands.backup.backup,
    commands.backup.restore,
    commands.campaigns.group,
    commands.db.group,
    commands.demo.command,
    commands.demo.ready,
    commands.devices.group,
    commands.doctor.command,
    commands.flows.group,
    commands.keys.group,
    commands.line.group,
    commands.messenger.group,
    commands.packs.group,
    commands.persons.group,
    commands.records.command,
    commands.records.recount,
    commands.stores.group,
    commands.undo.group,
    commands.users.group,
    commands.webhooks.group,
    commands.worker.command,
)


def create_app(settings: Settings | None = None) -> Flask:
    """The application for `settings` (the environment's where none are given)."""
    settings = settings or _from_environment()
    logs.set_up(settings.log_format)
    app = Flask("app", static_folder=None)
    app.secret_key = settings.secret_key
    database = Database(settings.sqlalchemy_url)
    bell = Bell(settings.redis_url, queues.DOOR_WITHIN)
    app.extensions[SETTINGS_KEY] = settings
    app.extensions[KEY] = Services(
        database=database,
        shop=Shop(settings.shop_name, settings.shop_timezone, settings.public_url),
        wake=bell.wake,
        keep=Together(partial(webhooks.keep, database), partial(webhooks.ring, bell.wake), errors.AWAY).do,
        ask=Mailbox(settings.redis_url).ask,
        line_channel_secret=settings.line_channel_secret,
        messenger_app_secret=settings.messenger_app_secret,
        messenger_verify_token=settings.messenger_verify_token,
        chats=chats,
        messenger_page_id=settings.messenger_page_id,
        sample=coupon_pages.samples.page,
        barcode=coupon_pages.barcodes.svg,
        sends_mail=bool(settings.smtp_url),
        serials_file_bytes=settings.serials_file_mb * 1_000_000,
        webhooks_inside=settings.webhooks_inside,
    )
    coupon_pages.taps.serve(app, lambda: app.extensions[KEY], is_https=settings.public_url.startswith("https://"))
    _open_doors(app, settings, database)
    for command in COMMANDS:
        app.cli.add_command(failing.in_words(command))
    return app


def _from_environment() -> Settings:
    """The environment's settings; a command ends with the sentence of one that cannot be right."""
    try:
        return environment.load()
    except environment.SettingsError as error:
        if click.get_current_context(silent=True):
            raise click.ClickException(str(error)) from None
        raise


def _open_doors(app: Flask, settings: Settings, database: Database) -> None:
    csrf = security.protect(
        app,
        is_https=settings.public_url.startswith("https://"),
        trusted_proxies=settings.trusted_proxies,
    )
    errors.register(app)
    login.register(app, longest=timedelta(hours=settings.session_longest_hours))
    app.permanent_session_lifetime = timedelta(hours=settings.session_idle_hours)
    for door in (
        webhooks.blueprint,
        coupon_pages.views.blueprint,
        pos.views.blueprint,
        pos.customers.blueprint,
        pos.binding.blueprint,
        pos.signing.blueprint,
        pos.api.views.blueprint,
        console.views.blueprint,
        console.contacts.blueprint,
        console.account.views.blueprint,
        console.people.views.blueprint,
        console.stores.views.blueprint,
        console.api_keys.views.blueprint,
        console.hooks.views.blueprint,
        console.conflicts.views.blueprint,
        console.replying.blueprint,
    ):
        app.register_blueprint(door)
    app.register_blueprint(health.blueprint(_checks(settings, database)))
    if settings.metrics_token:
        _open_metrics(app, settings, database)
    # Webhooks are signed, coupon pages opened by an unguessable token, POS machines have keys: no session.
    csrf.exempt(webhooks.blueprint)
    csrf.exempt(pos.api.views.blueprint)
    csrf.exempt(coupon_pages.views.blueprint)
    limits.apply(app, settings.redis_url, settings.api_rate)
    if settings.simulator:
        _mount_simulator(app, settings)


def _checks(settings: Settings, database: Database) -> dict[str, health.Check]:
    connection = queues.connect(settings.redis_url, queues.DOOR_WITHIN)
    revision = Held(lambda: schema.current(database), health.WITHIN)
    signs = Held(lambda: background.living(connection), health.WITHIN, health.FRESH)

    def database_is_up_to_date() -> str:
        try:
            found = revision()
        except SQLAlchemyError as error:
            errors.note(error)
            raise Unhealthy(f"not reachable ({type(error).__name__}); the log says why") from error
        if schema.is_behind(found):
            raise Unhealthy("its schema is not the newest: run `flask db upgrade`")
        return "ok"

    def living(role: str) -> str:
        found = signs()
        if found is None:
            raise Unhealthy("Redis is not reachable, so nobody can say")
        if found[role] == 0:
            command = "flask worker --periodic" if role == "periodic" else "flask worker"
            raise Unhealthy(f"none alive: start one with `{command}`")
        return f"{found[role]} alive"

    def queue_answers() -> str:
        if signs() is None:
            raise Unhealthy("Redis is not reachable")
        return "ok"

    on_disk = {} if settings.database_url else {"disk": lambda: health.room(settings.var_dir)}  # where SQLite is
    return {
        "database": database_is_up_to_date,
        **on_disk,
        "queue": queue_answers,
        "workers": lambda: living("worker"),
        "periodic": lambda: living("periodic"),
        "channels": lambda: "; ".join(warnings(settings, clock.now().date())) or "ok",  # a warning stops no customer
    }


def _open_metrics(app: Flask, settings: Settings, database: Database) -> None:
    from web import metrics  # noqa: PLC0415 (25 ms for Prometheus' library; only a shop that is watched pays)

    connection = queues.connect(settings.redis_url, queues.DOOR_WITHIN)

    def of_database() -> Readings:
        if schema.is_behind(schema.current(database)):
            return {"schema_is_behind": {(): 1}}
        with database.read() as session:
            return {"schema_is_behind": {(): 0}, **gauges.read(session, tuple(CHANNELS), clock.now())}

    def of_this_process() -> Readings:
        found: dict[str, dict[Labels, float]] = {
            "build_info": {(schema.newest() or "",): 1},
            "channel_warnings": {(): len(warnings(settings, clock.now().date()))},
        }
        if not settings.database_url:  # SQLite is there
            with suppress(Unhealthy):
                found["disk_free_bytes"] = {(): health.free(settings.var_dir)}
        return found

    sources = {"database": of_database, "redis": lambda: background_gauges.read(connection, clock.now())}
    app.register_blueprint(metrics.blueprint(settings.metrics_token, metrics.Shop(sources, of_this_process)))


def _mount_simulator(app: Flask, settings: Settings) -> None:
    """Stand-ins for the platforms and a phone, under /simulator; never imported where the setting is off."""
    simulator = importlib.import_module("simulator.app")
    config = simulator.SimulatorConfig(
        state_path=settings.var_dir / "simulator.sqlite3",
        shop_url=f"http://127.0.0.1:{settings.port}",
        shop_name=settings.shop_name,
        line_channel_secret=settings.line_channel_secret,
        line_channel_access_token=settings.line_channel_access_token,
        messenger_app_secret=settings.messenger_app_secret,
        messenger_page_token=settings.messenger_page_token,
        messenger_page_id=settings.messenger_page_id,
    )
    mounts = {"/simulator": simulator.create_simulator(config).wsgi_app}
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, mounts)  # type: ignore[method-assign]  # Flask's documented way

    @app.get("/")
    def front() -> Response:
        """In the demo the phone is what there is to see first."""
        return redirect("/simulator/")
