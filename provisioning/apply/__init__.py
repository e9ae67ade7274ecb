"""Set-ups from a file: the YAML form read, checked as a whole, compared with what stands, and carried out.

`reading` makes a tree that knows paths and lines, `variables` puts the environment in, `checking` turns the tree into
entries or into problems, `standing` fetches what the database has, `planning` says what is missing or differs,
`doing` does it through the portal's actions, `running` runs set-ups in this process, `progress` tells how they go,
`rehearsing` shows what would be sent, and `exporting` writes the same form.
"""
