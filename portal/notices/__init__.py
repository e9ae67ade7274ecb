"""What waits for a person: a page, a number in the sidebar, and e-mail.

kinds.py      the registry: upper rooms say what waits, for whom, and how it is shown
waiting.py    asking it for one person
mailing.py    telling people by e-mail, once
"""
