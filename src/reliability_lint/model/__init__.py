"""What one file means: its scopes and names, its places, what encloses them, and which values and instances its expressions hold."""
