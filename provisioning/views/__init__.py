"""Pages about set-ups: the tenant's page, the wizard, and the run page."""
