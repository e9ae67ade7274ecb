"""Genesys Cloud: the API client, access tokens, regions, diagnosis of errors, the connection test."""
