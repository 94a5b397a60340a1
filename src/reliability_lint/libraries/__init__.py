"""What we know of libraries: which callable is which concept, which type a call gives, which defaults hold in which version."""
