"""File schema of Kaleyra: `kaleyra: {url: …, username: …, password: …}`."""

from provisioning.options.section import Key, Section

SECTION = Section(
    keys=(
        Key("url", "kaleyraURL"),
        Key("username", "kaleyraUserName", secret="KALEYRA_USERNAME", is_word=True),  # noqa: S106 - a name, not a secret
        Key("password", "kaleyraPassword", secret="KALEYRA_PASSWORD"),  # noqa: S106 - the same
    ),
    sender_variable="tfn",
)
