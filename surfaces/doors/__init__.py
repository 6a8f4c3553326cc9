"""Who may come in, and what may go out: checked for every request, before Gradio sees it."""
