"""The page in the browser: two worlds of one scenario side by side, with the same luck."""
