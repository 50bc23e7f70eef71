"""The core of the model in this project and in its peers: the same work, side by side."""
