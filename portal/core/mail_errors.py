"""Why an e-mail was not sent, in a few words that name nobody: a mail server's own words may hold addresses."""

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
