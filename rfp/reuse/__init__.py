"""What an admin uses again: an RFP as a file, the library, and workbooks of what an RFP asks."""
