"""Kaleyra (formerly mGage), option 1 of the guide: the built-in connector."""
