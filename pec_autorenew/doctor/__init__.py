"""What a run needs, looked at before the run does: on this terminal, or as a service would find it (ENV-1).

`findings` are the words; `machine`, `secrecy`, `reach` and `wiring` look; `examining` is the list of all that is looked
at; `service` does it with an empty environment and no terminal; `showing` is for people.
"""
