"""Genesys Cloud CX SMS Aggregation, option 3 of the guide."""
