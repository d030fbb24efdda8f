"""What the two channels offer alike."""

import subprocess
import sys

from bot.channels import CHANNELS, senders
from bot.channels.line import Line
from bot.channels.messenger import Messenger
from bot.channels.ways import WAYS
from settings import Settings


def test_each_channel_is_found_by_its_name() -> None:
    assert list(CHANNELS) == ["line", "messenger"]
    assert [channel.NAME for channel in CHANNELS.values()] == ["line", "messenger"]


def test_a_sender_is_made_for_each_channel_that_has_a_token() -> None:
    settings = Settings(line_channel_access_token="a", messenger_page_token="b", messenger_app_secret="c")
    made = senders(settings)
    assert isinstance(made["line"], Line)
    assert isinstance(made["messenger"], Messenger)
    assert senders(Settings()) == {}


def test_the_senders_keep_what_the_outbox_is_told_of_them() -> None:
    made: dict[str, Line | Messenger] = {
        "line": Line("https://api.line.me", "t"),
        "messenger": Messenger("https://graph.facebook.com", "t", "s", "v25.0"),
    }
    told = {name: (way.batch_size, way.is_idempotent) for name, way in WAYS.items()}
    assert {name: (sender.batch_size, sender.is_idempotent) for name, sender in made.items()} == told


def test_a_process_that_only_reads_and_renders_loads_no_platform_library() -> None:
    program = "import sys, bot.channels; print({'linebot', 'pymessenger', 'requests'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


def test_a_process_that_sends_loads_them_at_once() -> None:
    program = (
        "import sys; from bot.channels import load_clients; load_clients(['line', 'messenger']); "
        "print(sorted({'linebot', 'pymessenger'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "['linebot', 'pymessenger']"
