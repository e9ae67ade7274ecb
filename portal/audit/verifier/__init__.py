"""Stand-alone verifier, included in every evidence pack; the portal uses its format definitions too."""
