"""Hooks: sign-ins are audited, factor seeds take part in key rotation, its e-mails are swept."""

from django.core import checks

from portal.core.tasks import sweeper
from portal.identity import history, lockout_mail, reset_mail, second_factors
from portal.identity.checks import second_factors_are_safe
from portal.vault import encrypted_fields

history.listen()
checks.register(second_factors_are_safe)
for column in second_factors.sealed_texts():
    encrypted_fields.register(column)
sweeper.register(lockout_mail.KIND)
sweeper.register(reset_mail.KIND)
