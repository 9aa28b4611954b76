"""Before an RFP is published: made from an older one, and looked at again."""
