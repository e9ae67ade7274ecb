"""Model of the call log: one row per outbound request, written before it is sent and completed once."""

from typing import ClassVar

from django.db import models

from portal.http_client.destinations import Destination


class Call(models.Model):
    """An outbound request and its outcome.

    The request columns contain `$names` instead of secrets; the response columns are redacted by value. `finished_at`
    is empty while the request runs, and forever if its worker died: then the outcome is unknown.
    """

    id = models.BigAutoField(primary_key=True)
    # Plain ids without foreign keys: this app does not know tenants or callers.
    tenant_id = models.UUIDField(null=True)
    subject_id = models.UUIDField(null=True, help_text="The step or order that made it.")
    request_id = models.CharField(max_length=64, blank=True, default="")
    destination = models.CharField(max_length=20, choices=Destination)
    purpose = models.CharField(max_length=200)
    method = models.CharField(max_length=10)
    url = models.CharField(max_length=2000)
    request_headers = models.JSONField(default=dict)
    request_body = models.TextField(blank=True, default="")
    sent_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    answer_headers = models.JSONField(default=dict)
    answer_body = models.TextField(blank=True, default="")
    correlation_id = models.CharField(max_length=128, blank=True, default="")
    error_code = models.CharField(max_length=40, blank=True, default="")
    sentence = models.TextField(blank=True, default="")
    duration_ms = models.PositiveIntegerField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["tenant_id", "id"], name="call_by_tenant"),
            models.Index(fields=["subject_id", "id"], name="call_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.url}"
