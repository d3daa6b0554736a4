"""Systems that are not here, as their makers document them."""
