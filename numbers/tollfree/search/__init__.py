"""Number search: finds toll-free numbers that can be bought, optionally by the letters that their digits spell."""
