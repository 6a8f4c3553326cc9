"""Pictures in many manners, drawn by programs: what style networks learn from beside photographs."""
