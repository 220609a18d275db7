"""Money as it is typed and shown; always a Decimal with two places."""

import re
from decimal import Decimal

from pcoord.domain.errors import BadUsage

LARGEST = Decimal("999999.99")
_AMOUNT = re.compile(r"(-?)[$€£]?(\d{1,3}(?:,\d{3})+|\d{1,9})?(?:\.(\d{1,2}))?", re.ASCII)


def parse_money(text: str) -> Decimal:
    """Read an amount such as 25, 25.5, $1,250.00 or .50; raise BadUsage for anything else."""
    match = _AMOUNT.fullmatch("".join(text.split()).replace("$-", "-$"))
    if not match or not (match[2] or match[3]):
        raise BadUsage("That is not an amount. Type one such as 25 or 25.50.")
    whole = (match[2] or "0").replace(",", "")
    amount = Decimal(f"{match[1]}{whole}.{match[3] or '0'}").quantize(Decimal("0.01"))
    if abs(amount) > LARGEST:
        raise BadUsage(f"That is more than {say_money(LARGEST)}. Please check the amount.")
    return amount + 0  # turns -0.00 into 0.00


def say_money(amount: Decimal) -> str:
    """Return an amount with two decimals and no sign of currency: "1250.00"."""
    return f"{amount.quantize(Decimal('0.01')) + 0:f}"
