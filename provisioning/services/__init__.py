"""Services in Nexus: read-back, replacement, checklists and their pages."""
