"""Mail by SMTP: one connection a mail, encrypted unless it stays on one's own machine."""

import smtplib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from compliance import limits
from compliance.alerts.sending import Sent, trusting_known_authorities
from compliance.settings import Settings

OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
SUBMISSION_PORT, TLS_PORT = 587, 465
# RFC 5321, 4.2.1: a 5xx is for good. But that we may not send may be put right.
PERMANENT = range(500, 600)
NOT_LET_IN = frozenset({530, 534, 535, 538})


@dataclass(frozen=True)
class MailBox:
    """The server that takes our mail, and whom it is from."""

    url: str
    sender: str

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2]


@dataclass(frozen=True)
class Letter:
    """One mail; its id makes a repetition the same mail and not a second one."""

    id: str
    to: str
    subject: str
    text: str
    at: datetime
    language: str


def mail_box_of(settings: Settings) -> MailBox | None:
    """Return where mail goes; None: nowhere, and alerts stay in the product."""
    if settings.smtp_url is None or settings.mail_from is None:
        return None
    return MailBox(settings.smtp_url.get_secret_value(), settings.mail_from)


def mail_of(box: MailBox, letter: Letter) -> EmailMessage:
    """Return the mail, the same whenever it is made."""
    mail = EmailMessage()
    mail["From"] = box.sender
    mail["To"] = letter.to
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(letter.at)
    mail["Message-ID"] = f"<{letter.id}@{box.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.text, cte="quoted-printable")
    mail["Content-Language"] = letter.language
    return mail


def send_mail(box: MailBox, letter: Letter) -> Sent:
    """Hand a mail over and return what the server said to it."""
    try:
        smtp = _connected(box)
    except smtplib.SMTPResponseException as fault:
        return Sent(code=fault.smtp_code, fault=type(fault).__name__)
    except (OSError, smtplib.SMTPException) as fault:
        return Sent(fault=type(fault).__name__[:30])
    try:
        smtp.send_message(mail_of(box, letter), box.sender, [letter.to])
    except smtplib.SMTPRecipientsRefused as fault:
        return _refused(fault.recipients[letter.to][0], fault)
    except smtplib.SMTPResponseException as fault:
        return _refused(fault.smtp_code, fault)
    except (OSError, smtplib.SMTPException) as fault:
        return Sent(fault=type(fault).__name__[:30])
    finally:
        # It has been taken: the farewell is not waited for, so that it is soon noted.
        with suppress(OSError, smtplib.SMTPException):
            smtp.putcmd("QUIT")
        smtp.close()
    return Sent(code=250, is_taken=True)


def _connected(box: MailBox) -> smtplib.SMTP:
    address = urlsplit(box.url)
    host, seconds = address.hostname or "", limits.ALERT_SECONDS
    smtp: smtplib.SMTP
    if address.scheme == "smtps":
        smtp = smtplib.SMTP_SSL(
            host,
            address.port or TLS_PORT,
            local_hostname=box.domain,
            timeout=seconds,
            context=trusting_known_authorities(),
        )
    else:
        smtp = smtplib.SMTP(
            host,
            address.port or SUBMISSION_PORT,
            local_hostname=box.domain,
            timeout=seconds,
        )
    try:
        if address.scheme == "smtp" and host not in OWN_MACHINE:
            smtp.starttls(context=trusting_known_authorities())
        if address.username is not None:
            smtp.login(unquote(address.username), unquote(address.password or ""))
    except (OSError, smtplib.SMTPException):
        smtp.close()
        raise
    return smtp


def _refused(code: int, fault: Exception) -> Sent:
    is_final = code in PERMANENT and code not in NOT_LET_IN
    return Sent(code=code, fault=type(fault).__name__[:30], is_final=is_final)
