"""Option 1 of the guide: the built-in connector to Kaleyra (formerly mGage)."""
