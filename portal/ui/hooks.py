"""Hooks: register the deployment checks."""

from django.core.checks import Tags, register

from portal.ui.checks import CHECKS

for check in CHECKS:
    register(check, Tags.security, deploy=True)
