"""OKRs that were kept elsewhere: read from exports, written as OKR files."""
