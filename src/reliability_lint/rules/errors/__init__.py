"""REL5xx: leaked details, lost errors."""
