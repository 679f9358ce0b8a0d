"""Sealing: what names people is kept under keys of its own, and opened on purpose only."""

from compliance.sealing.actions import DataKey, data_key, destroy, new_data_key, rewrap
from compliance.sealing.cipher import (
    SealBroken,
    opaque_name,
    seal,
    seal_file,
    sealed_each,
    unseal,
    unsealed_pieces,
)
from compliance.sealing.keyring import (
    Keyring,
    SealingKeyMissing,
    SealingKeysUnusable,
)

__all__ = [
    "DataKey",
    "Keyring",
    "SealBroken",
    "SealingKeyMissing",
    "SealingKeysUnusable",
    "data_key",
    "destroy",
    "new_data_key",
    "opaque_name",
    "rewrap",
    "seal",
    "seal_file",
    "sealed_each",
    "unseal",
    "unsealed_pieces",
]
