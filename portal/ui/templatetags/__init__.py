"""Template tags of the page layout."""
