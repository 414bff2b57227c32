"""The domain model: values and pure functions, without input or output, clock or database."""
