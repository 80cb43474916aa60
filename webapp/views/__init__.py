"""One blueprint a concern; a view translates a request into a lookup and its answer, and no more."""
