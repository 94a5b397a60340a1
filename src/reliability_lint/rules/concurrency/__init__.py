"""REL7xx: the event loop and what runs beside it."""
