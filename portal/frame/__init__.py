"""The page frame: everything a page wears, and nothing about SMS.

Navigation and tenant switcher (`navigation`), request ids, outages, error pages (`views`), keyset paging (`paging`),
forms in the house's layout (`forms`) and the template tags from which all pages are built (`templatetags.frame`).
This room imports nothing of ours; rooms above register what the frame should show of them.
"""
