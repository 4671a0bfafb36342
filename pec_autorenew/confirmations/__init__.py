"""The portal's e-mails as a second witness: «Conferma ordine» and «Conferma pagamento», read by IMAP.

Evidence beside the portal's own list and never instead of it: nothing is ordered, renewed or paid because of a mail.
"""

from pec_autorenew.confirmations.imap import LONGEST_WAIT, read_confirmations
from pec_autorenew.confirmations.values import Confirmation, Kind, Question, Reader

__all__ = ["LONGEST_WAIT", "Confirmation", "Kind", "Question", "Reader", "read_confirmations"]
