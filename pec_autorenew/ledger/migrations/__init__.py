"""The steps from one schema to the next, oldest first; none is ever edited once released."""
