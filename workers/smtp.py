"""The way to the mail server: one connection a mail, TLS wherever a password is told."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

from core.mail import Failed, Letter

PATIENCE = 20  # seconds that the server may be silent
PORTS = {"smtp": 587, "smtps": 465}
OK, FORWARDED, PERMANENT = 250, 251, 500
HERE = {"localhost", "127.0.0.1", "::1"}  # whose certificates are nobody's


@dataclass(frozen=True)
class Post:
    """A mail server by its URL (smtp:// or smtps://, with user and password where it asks for them), and the sender."""

    url: str
    sender: str
    name: str
    host: str  # of the shop: half of each mail's id

    def send(self, letter: Letter) -> Failed | None:
        """Hand the mail over. None: the server took it."""
        try:
            with self._connection() as server:
                return self._hand_over(server, letter)
        except (smtplib.SMTPException, OSError) as error:
            return Failed("later", _said(error))  # nothing of the mail itself was told yet
        except (ValueError, MessageError) as error:  # no mail can be addressed so, and nothing of it was told either
            return Failed("never", _said(error))

    def _hand_over(self, server: smtplib.SMTP, letter: Letter) -> Failed | None:
        for code, said in (server.mail(self.sender), server.rcpt(letter.to)):
            if code not in (OK, FORWARDED):
                return _refused(code, said)
        try:
            code, said = server.data(self._written(letter))
        except smtplib.SMTPDataError as error:
            return _refused(error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:  # the end of the mail may have arrived, and its answer not
            return Failed("unknown", _said(error))
        return None if code == OK else _refused(code, said)

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        parts, secure = urlsplit(self.url), ssl.create_default_context()
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=secure)
        else:
            server = smtplib.SMTP(host, port, timeout=PATIENCE)
        try:
            server.ehlo_or_helo_if_needed()
            if parts.scheme == "smtp" and (parts.username or (host not in HERE and server.has_extn("starttls"))):
                server.starttls(context=secure)
                server.ehlo()
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            yield server
            with suppress(smtplib.SMTPException, OSError):  # the mail is with the server already
                server.quit()
        finally:
            server.close()

    def _written(self, letter: Letter) -> bytes:
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(self.name, addr_spec=self.sender)
        message["To"] = Address(addr_spec=letter.to)
        message["Subject"] = letter.subject
        message["Date"] = formatdate(usegmt=True)
        message["Message-ID"] = f"<{letter.key}@{self.host}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notice comes back
        message.set_content(letter.text)
        return message.as_bytes()


def _refused(code: int, said: bytes | str) -> Failed:
    words = said.decode(errors="replace") if isinstance(said, bytes) else said
    return Failed("never" if code >= PERMANENT else "later", f"{code} {words}")


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
