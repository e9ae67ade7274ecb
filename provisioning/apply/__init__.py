"""Set-ups from a file: the YAML form read, checked as a whole, compared with what stands, and carried out.

reading      YAML into a tree that knows paths and lines; problems says how they are told
values       single values out of it, with words (what YAML would mistake) and variables (`${NAME}`)
checking     tenants into entries, with the pages' own forms; sections does it for each option
permitting   what the database has against them, before anything is changed
standing     what stands already, fetched as sets
planning     what an entry needs; comparing says what differs from services that exist
doing        plans carried out through the portal's actions
running      set-ups run in this process, progress tells how they go
whole        all of it for one file, with its result; rehearsing only shows it
exporting    the same form, written
"""
