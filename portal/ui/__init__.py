"""Page layout and UI components shared by all pages; nothing here knows about SMS.

Navigation and tenant switcher (`navigation`), request ids, outages, error pages (`views`), keyset pagination
(`paging`), form layout (`forms`) and the template tags of all pages (`templatetags.frame`). This package imports no
other app; the apps register what the layout should show of them.
"""
