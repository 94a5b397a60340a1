"""REL1xx: timeouts, retries."""
