"""Networks that turn one kind of picture into another: labels, lines and grey pictures."""
