"""Custom gateway, option 2 of the guide: a customer's gateway built with the Third-Party Messaging API."""
