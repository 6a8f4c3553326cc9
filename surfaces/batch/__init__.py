"""An edit, or a chain of edits, over many pictures: resumed after anything, shared between processes and machines."""

from surfaces.batch.chain import Chain, chain_of_options, chain_of_recipes
from surfaces.batch.checking import check_items
from surfaces.batch.folder import Folder
from surfaces.batch.items import Item, items_of_files, read_items, sharded
from surfaces.batch.runner import Batch, Progress

__all__ = [
    "Batch",
    "Chain",
    "Folder",
    "Item",
    "Progress",
    "chain_of_options",
    "chain_of_recipes",
    "check_items",
    "items_of_files",
    "read_items",
    "sharded",
]
