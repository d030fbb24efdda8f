import subprocess
import sys

import pytest

import logs


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("GET /c/AbCdEf0123456789_-xyz/redeem", "GET /c/AbCdEf.../redeem"),
        (
            "https://g.example/v25.0/me?access_token=EAAB%2Fx&appsecret_proof=abc",
            "https://g.example/v25.0/me?[secret]&[secret]",
        ),
        ("Authorization: Bearer abc.def", "Authorization: [secret]"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_secrets_and_whole_tokens_are_cut_out_of_every_line(text: str, cleaned: str) -> None:
    assert logs.cleaned(text) == cleaned


def test_a_line_is_one_json_object_and_a_traceback_is_inside_it() -> None:
    program = (
        "import logs, structlog, logging\n"
        "logs.set_up('json')\n"
        "structlog.get_logger('a').info('event', path='/c/AbCdEf0123456789_-xyz')\n"
        "try:\n    1/0\nexcept ZeroDivisionError:\n    logging.getLogger('b').exception('broke')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    assert '"event": "event"' in lines[0]
    assert "AbCdEf..." in lines[0]
    assert "ZeroDivisionError" in lines[1]


def test_the_stand_ins_are_never_imported_in_production() -> None:
    program = (
        "import app, sys, tempfile, settings\n"
        "app.create_app(settings.load({'VAR_DIR': tempfile.mkdtemp()}))\n"
        "print([name for name in sys.modules if name.startswith(('simulator', 'linebot', 'pymessenger'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
