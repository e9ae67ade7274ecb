"""Bulk import and export of set-ups: reads, checks, plans and carries out a YAML file of tenants."""
