"""Notifications: what waits for a person, as a page, a badge in the sidebar, and e-mail.

kinds.py      registry: apps declare kinds of pending items, for whom they wait, and how they are shown
waiting.py    pending items and counts of one person
mailing.py    one e-mail per person about each new item
"""
