"""Exceptions from the commit guard: tables and columns that may change without an event, each with its reason.

A key is `app.Model` for a whole table or `app.Model.field` for a column: an UPDATE of only such columns needs no event.
If a single statement changes a column that otherwise needs one, the code uses `with unaudited():`, and a comment
there gives the reason.
"""

#: Tables and columns, each with its reason.
REASONS = {
    # --- the audit trail itself: append-only by its triggers, or updated by every event -----------------------
    "audit.Event": "it is the event",
    "audit.ChainHead": "it says where a chain ends, and moves with each event",
    "audit.PersonalText": "it holds the texts of lines; erasing one is an action of its own",
    "audit.Checkpoint": "it signs the events there are",
    "audit.SignedHead": "a part of a checkpoint",
    # --- records that are written once, beside the audit trail ------------------------------------------------
    "http_client.Call": "it is the record of a request before it leaves; the event that names it comes with the answer",
    "tollfree.Evidence": "rows are only added, beside the order's line or ahead of it; each tells where it comes from",
    "evidence.Verification": "how a look at the history went; it changes nothing",
    "evidence.Anchoring": "how the last checkpoint went; it changes nothing",
    # --- heartbeats and leases: who works on what, not what was done ------------------------------------------
    "operations.Heartbeat": "a sign of life, every few seconds",
    "provisioning.Setup.fence": "counts claims of workers",
    "provisioning.Setup.lease_until": "how long a worker has it",
    "provisioning.Setup.next_attempt_at": "when to try again; the event says that it will",
    "provisioning.Setup.published_at": "when a worker was last woken up",
    "provisioning.Setup.tries": "counts claims of workers",
    "provisioning.Rehearsal.lease_until": "how long a worker has it",
    "provisioning.Rehearsal.published_at": "when a worker was last woken up",
    "provisioning.Rehearsal.tries": "counts claims of workers",
    "provisioning.Service.check_asked_at": "a question that waits; who asked is an event",
    "provisioning.Service.check_asked_by": "stands beside the question",
    "provisioning.Service.check_asked_by_label": "stands beside the question",
    "provisioning.Service.check_due_at": "when a worker may go on with it",
    "provisioning.Service.check_lease_until": "how long a worker has it",
    "provisioning.Service.check_published_at": "when a worker was last woken up",
    "provisioning.Service.check_tries": "counts claims of workers",
    "provisioning.KeyRequest.lease_until": "how long a worker has it",
    "provisioning.KeyRequest.published_at": "when a worker was last woken up",
    "provisioning.KeyRequest.tries": "counts claims of workers",
    "notifications.OutboxMessage": "a mail on its way; what it tells of is an event of its own",
    "identity.LockoutMail": "a mail on its way; the lock is an event of its own",
    "identity.PasswordResetMail": "a mail on its way; that a link was sent is an event of its own",
    "evidence.Pack.lease_until": "how long a worker has it",
    "evidence.Pack.published_at": "when a worker was last woken up",
    "evidence.Pack.tries": "counts claims of workers",
    "evidence.Pack.file": "named by the lease",
    "evidence.Pack.events_done": "how far the worker is",
    "evidence.Pack.events_all": "how far the worker is",
    "tollfree.InventoryRefresh": "a look at a list, and its news; who asked is an event, and so is what it changed",
    "tollfree.OwnedNumber.last_seen_at": "when a list showed it last",
    "tollfree.OwnedNumber.more": "what Genesys Cloud says besides; what pages show of a number is in lines",
    "tollfree.OwnedNumber.login_url": "where the client is that listed it last; a new client is an event of its set-up",
    "tollfree.OwnedNumber.client_id": "which client listed it last; the same",
    **{
        f"tollfree.{model}.{field}": reason
        for model in ("NumberOrder", "Release")
        for field, reason in {
            "fence": "counts claims of workers",
            "lease_until": "how long a worker has it",
            "due_at": "when to go on or to look again",
            "published_at": "when a worker was last woken up",
            "tries": "counts claims of workers",
            "looks": "counts looks, each of which is a request, and so an event",
            "failed_looks": "counts looks, each of which is a request, and so an event",
            "sentence": "words for the page; what they tell is evidence or an event",
        }.items()
    },
    "tollfree.NumberOrder.look_asked_at": "who asked is an event",
    "tollfree.NumberOrder.resume_at": "when to look again",
    "tollfree.OrderGroup.decision_noted_at": "that its orderer has read the decision, which is an event itself",
    "tollfree.Release.decision_noted_at": "that its asker has read the decision, which is an event itself",
    # --- copies and timestamps that follow from recorded events -----------------------------------------------
    "genesys_cloud.AccessToken": "a copy that is renewed every day; each renewal is a request, and so an event",
    "vault.Credential.last_used_at": "each use is a request, and so an event",
    "accounts.Session": "signs of presence; sign-in, sign-out and sessions that somebody ends are lines",
    "accounts.User.last_login": "the sign-in is an event",
    "history.LastVisit": "when an auditor last read; reading changes nothing",
}
