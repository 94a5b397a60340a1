"""The only package that knows how LibCST works inside: parsing, walking, placing."""
