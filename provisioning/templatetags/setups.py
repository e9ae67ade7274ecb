"""`{% load setups %}`: what templates ask about set-ups."""

from django import template

from provisioning.models import Service, Setup, SetupStep
from provisioning.tones import tone_of

register = template.Library()


@register.filter
def tone(row: Setup | SetupStep | Service) -> str:
    """`{{ setup|tone }}`: the tone of its state."""
    return tone_of(row)
