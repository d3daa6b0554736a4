"""Pictures made ready for a model, decoded where a hostile one can do no harm."""
