"""Kaleyra in a file of set-ups: `kaleyra: {url: …, username: …, password: …}`."""

from provisioning.options.section import Key, Section

SECTION = Section(
    keys=(
        Key("url", "kaleyraURL"),
        Key("username", "kaleyraUserName", secret="KALEYRA_USERNAME", is_word=True),
        Key("password", "kaleyraPassword", secret="KALEYRA_PASSWORD"),
    ),
    sender_variable="tfn",
)
