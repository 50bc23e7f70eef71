"""How one actor behaves: scalar functions, numbers in, numbers out."""
