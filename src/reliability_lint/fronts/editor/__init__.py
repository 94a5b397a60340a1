"""What an editor shows: findings of files as they are being written. The server for all editors, and what its sibling for python-lsp-server shares with it."""
