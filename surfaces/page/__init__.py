"""The page: a tab for every editor, compare, add-ons; the HTTP API and the MCP tools come from the same build."""
