"""
Words for what code does; no library is named here.

A concept is a frozen `msgspec.Struct`, so that library models, which are TOML, decode straight into it and a wrong key is an error
with a path. The keys of a model's table are the concept's fields, spelled with hyphens.
"""
