"""The frame as a Django app."""

from django.apps import AppConfig


class FrameConfig(AppConfig):
    """Label `frame`; it has templates and tags but no models."""

    name = "portal.frame"
    label = "frame"
    verbose_name = "Page frame"
