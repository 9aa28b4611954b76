"""What a supplier is found by."""

from __future__ import annotations

from suppliers.company.models import Supplier
from suppliers.reference.industries import industry_title


def refresh(supplier: Supplier) -> None:
    """Write what the supplier is found by: names, places, products, processes, certificates, codes."""
    sites = list(supplier.sites.all())
    texts = [
        supplier.legal_name,
        supplier.native_name,
        *supplier.dbas,
        *supplier.former_names,
        supplier.description,
        supplier.uei,
        supplier.cage,
        *supplier.naics,
        *(industry_title(code) or "" for code in supplier.naics),
        *(
            f"{site.name} {site.city} {site.state} {' '.join(site.processes)} {site.capacity_of}"
            for site in sites
        ),
        *supplier.certificates.values_list("scheme", flat=True),
    ]
    text = "\n".join(dict.fromkeys(text for text in texts if text))
    Supplier.objects.filter(pk=supplier.pk).update(search_text=text)
