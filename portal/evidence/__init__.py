"""Evidence for auditors: evidence packs, export of checkpoints, and the result of the last integrity check.

docs/history.md describes what is proved, and which attacks are detected.
"""
