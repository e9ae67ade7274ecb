"""Searching toll-free numbers that can be bought, by count and by what their letters spell.

keypad.py      letters and the digits below them
searching.py   the one call, and who here holds what it found
forms.py       count, letters, and the numbers that were picked
"""
