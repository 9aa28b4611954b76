"""The buyer's pages: RFPs under evaluation, proposals, the desk, knock-outs, openings, the ranking, reports."""
