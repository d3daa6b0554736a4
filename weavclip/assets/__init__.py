"""What travels with the package: files, each folder with its licence, and what reads them."""
