"""REL3xx: SQL."""
