"""The contents of an RFP as plain JSON: their schema, how a file is read, how rows are collected and built."""
