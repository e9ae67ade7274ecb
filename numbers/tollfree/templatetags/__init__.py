"""Template tags of the requests' pages."""
