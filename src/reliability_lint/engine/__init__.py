"""From paths to a report: which files, which settings, which rules, what is suppressed; and the run itself."""
