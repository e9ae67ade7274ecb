"""Views of set-ups: the tenant's page, the wizard, the run page, and the services."""
