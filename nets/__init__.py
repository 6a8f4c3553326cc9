"""Plain torch networks, and the name tables that let them read other people's weights. Imports torch and numpy only."""
