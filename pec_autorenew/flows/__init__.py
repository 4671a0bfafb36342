"""What a clerk does on the portal, step by step: sign in, look, fill in an order, place it, look again."""
