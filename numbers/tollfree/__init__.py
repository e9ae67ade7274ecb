"""Toll-free numbers of Genesys Cloud: this room stands ready for its client, inventory and orders."""
