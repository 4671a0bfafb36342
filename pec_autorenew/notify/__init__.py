"""What people are told: a run's matters, made into a message for each channel, and the pings of a dead-man service.

Here is how it is said and carried; what is told when is the engine's to decide. Apprise is loaded when there is
something to send.
"""

from pec_autorenew.notify.digest import Message, Notice, compose
from pec_autorenew.notify.matters import Matter, matters_of

__all__ = ["Matter", "Message", "Notice", "compose", "matters_of"]
