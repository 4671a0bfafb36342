"""One file per screen of the portal, named as the portal names it."""
