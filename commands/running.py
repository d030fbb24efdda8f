"""What every command works with, and how it ends when the words it was given cannot be right."""

from collections.abc import Mapping
from typing import NoReturn

import click
from flask import current_app

from core.reasons import Reason
from core.refusal import Refused
from db.database import Database
from settings import Settings

SETTINGS_KEY = "tessera_settings"


def settings() -> Settings:
    """The settings that the application was made with."""
    found: Settings = current_app.extensions[SETTINGS_KEY]
    return found


def database() -> Database:
    """The application's database."""
    found: Database = current_app.extensions["tessera"].database
    return found


def fail(sentence: str) -> NoReturn:
    """End the command with a sentence on standard error and status 1."""
    raise click.ClickException(sentence)


def refuse(refused: Refused, sentences: Mapping[Reason, str]) -> NoReturn:
    """End the command with the sentence for why it was refused, in which {} stands for what that was about."""
    fail(f"{sentences[refused.reason].format(refused.detail)} ({refused.reason})")
