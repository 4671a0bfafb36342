"""Who works on what, and when: the run over the accounts, the visit to one, and what the portal has proved."""
