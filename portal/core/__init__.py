"""What knows no words of the domain: the lowest layer. It has no models and imports nothing else of ours."""
