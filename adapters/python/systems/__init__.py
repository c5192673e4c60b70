"""The systems that this adapter implements: one module each, by the name of its vectors' folder.

A module offers OPERATIONS (operation -> its sign and verify functions), VARIANTS and READINGS.
"""

from . import client_system_api, flexiown_payments, flip_for_business, flipbase, flipsnack

SYSTEMS = {
    "client-system-api": client_system_api,
    "flexiown-payments": flexiown_payments,
    "flip-for-business": flip_for_business,
    "flipbase": flipbase,
    "flipsnack": flipsnack,
}
