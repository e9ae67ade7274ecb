"""Redis: its address and TLS options, the Celery transport that checks messages, the signed cache."""
