"""Speed and memory of the model, measured. Nothing in `sim` imports it."""
