"""From tables to validated, immutable RDF releases, and from releases to answers."""
