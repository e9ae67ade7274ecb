"""How the portal itself is: health, heartbeats, metrics, and the page that shows them to administrators."""
