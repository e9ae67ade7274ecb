"""Proof for outsiders: evidence packs, checkpoints on their way out, and the state of the last verification.

What is proved, and the attacks that are found, stand in docs/history.md.
"""
