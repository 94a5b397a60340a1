"""REL2xx: what clients may rely on."""
