"""Searching the index of the mail log in PostgreSQL block by block, the newest rows first.

A GIN index finds every row with some pairs of characters, in no order: half of the log for a frequent word.  In the
order of the rows, a rare word is looked for in every row.  The planner knows too little about single pairs to choose
between the two.  Therefore the index also has for each row the blocks that it belongs to, as negative numbers, in three
sizes: a query asks for all the pairs *and* one block, and costs what the rarest of them does.
"""

from collections.abc import Iterator

# (rows in a block, the number of its first block): each size is sixteen times the one before.
_SIZES = ((2_048, -1), (32_768, -1 - 2**40), (524_288, -1 - 2**41))
_TIMES = 16
_BLOCKS = ", ".join(f"{first} - row_id / {size}" for size, first in _SIZES)
INDEXED = f"array_cat(grams, ARRAY[{_BLOCKS}])"  # the expression of the index (migration 35)
# The inner query must be answered from the GIN index: without a fence the order leads the planner to read every row.
SELECT = (
    f"WITH found AS MATERIALIZED (SELECT row_id FROM log_search WHERE {INDEXED} @> %s::bigint[]) "
    "SELECT row_id FROM found WHERE row_id {beyond} %s ORDER BY row_id {order} LIMIT %s"
)


def blocks(edge: int, last: int, *, falling: bool) -> Iterator[int]:
    """The blocks, as the index has them, with the rows from `edge` on: down to the first row, or up to `last`.

    In the order of the rows, each row in one block.  Small blocks first: of most words enough rows are near.
    """
    step, end_of_group = (-1, 0) if falling else (1, _TIMES - 1)
    row = edge
    for level, (size, first) in enumerate(_SIZES):
        block = row // size
        while block >= 0 if falling else block * size <= last:
            yield first - block
            ends = block % _TIMES == end_of_group
            block += step
            if ends and level + 1 < len(_SIZES):
                break
        row = block * size + (size - 1 if falling else 0)
        if row < 0 or (not falling and row > last):
            return
