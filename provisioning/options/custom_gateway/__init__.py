"""Option 2 of the guide: a customer's own gateway, built with the Third-Party Messaging API."""
