"""pcoord: the front desk of a clinic at the speed of a keyboard."""

__version__ = "0.1.0"
