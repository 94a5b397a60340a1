"""The rules: one rule, one file; the folder is the family, the file is named after the rule."""
