"""What an editor is: declarations, inputs, runs, recipes, weights. Knows no editor and no page.

Plugin authors import `facet`, which re-exports the public part of this package.
"""
