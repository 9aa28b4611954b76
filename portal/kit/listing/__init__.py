"""A list page, declared once: its columns, its filters, its order.

    WAIVERS = Listing(
        name="waivers",
        title="Waivers",
        columns=(
            Column("Exempt from", key="rule", sort="rule", files=(File("Rule", lambda row: row.rule),)),
            ...
        ),
        filters=(Search("Supplier or reason", ("supplier__legal_name__icontains", "reason__icontains")), ...),
    )
    context = WAIVERS.page(request, rows)
    return WAIVERS.file(request, rows, kind)

The table's head and its sort links, the filter form, CSV and XLSX come from the declaration; `components/lists/` draws
them. The cells of a row are a template of the page: `rows_template`. `tests/house/test_listings.py` counts the queries
of each declared list for one row and for three.
"""

from portal.kit.listing.columns import Column, File
from portal.kit.listing.filters import Choice, Option, Search
from portal.kit.listing.listing import LISTINGS, Empty, Listing

__all__ = ["LISTINGS", "Choice", "Column", "Empty", "File", "Listing", "Option", "Search"]
