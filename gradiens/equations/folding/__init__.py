"""Folding: a traced tree in the form a book prints, by rules of which none is believed.

Read `fold` (how rules are used), `pattern` (how they are written), `forms` (the forms that have a name), `algebra`; then
the others in the order of `rules`. `tidy` and `residuals` make loops plain, `derivatives` names the slopes in gradients.
"""
