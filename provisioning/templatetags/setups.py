"""`{% load setups %}`: template filters for set-ups."""

from typing import Any

from django import template

from provisioning.models import Service, Setup, SetupStep
from provisioning.severity import tone_of

register = template.Library()


@register.filter
def tone(row: Setup | SetupStep | Service) -> str:
    """`{{ setup|tone }}`: the severity of its state."""
    return tone_of(row)


@register.filter
def answer(value: Any) -> str:
    """`{{ value|answer }}`: a wizard answer as text; one line for each item of a list, pairs as NAME = VALUE."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "\n".join(" = ".join(map(str, each)) if isinstance(each, list) else str(each) for each in value)
    return str(value)
