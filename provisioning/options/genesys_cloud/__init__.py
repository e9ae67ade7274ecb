"""Option 3 of the guide: Genesys Cloud CX SMS Aggregation.

- `option.py`: the steps of its wizard and the three services; `file.py`: the same in a file of set-ups
- `forms.py`: the forms of its own steps
- `chapters.py`: what people do by hand in Genesys Cloud, as the guide's numbered steps
- `cluster_key.py`: the two requests by which Digital Channels makes the messaging cluster API key
- `key_requests.py`: that key as queued work, and how it is shown once
- `handing_over.py`: showing the administrator's password once
- `views.py`, `urls.py`: the pages and buttons besides the wizard's own
"""
