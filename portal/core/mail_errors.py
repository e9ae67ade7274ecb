"""Mail errors: why an e-mail was not sent, without the addresses that a mail server's own message may contain."""

import smtplib


def reason_of(error: Exception) -> str:
    """Return the kind of error, with the mail server's code where there is one."""
    name = type(error).__name__
    match error:
        case smtplib.SMTPRecipientsRefused():
            codes = sorted({str(code) for code, _ in error.recipients.values()})
            return f"{name}, {', '.join(codes)}"
        case smtplib.SMTPResponseException():
            return f"{name}, {error.smtp_code}"
        case _:
            return name
