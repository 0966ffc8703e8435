"""A figure of pictures as HTML: each a PNG within the page, with its label beneath."""

from __future__ import annotations

import base64
import io
from html import escape

from gradiens.report.figure import Figure, Series

LEAST = 80  # pixels of the screen that the shorter side of a small picture gets


def gallery(figure: Figure, name: str, level: int) -> str:
    """The pictures side by side under the title; `name` is the figure's id in the page."""
    items = "".join(f"<li>{_image(series)}{escape(series.label)}</li>" for series in figure.series)
    return (
        f'<figure id="{name}">\n<h{level} id="{name}-title">{escape(figure.title)}</h{level}>\n'
        f'<ul class="gallery">{items}</ul>\n'
        f'<figcaption id="{name}-says">{escape(figure.summary)}</figcaption>\n</figure>'
    )


def _image(series: Series) -> str:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(series.z).save(file, "PNG", optimize=True)
    high, wide = series.z.shape[:2]
    scale = max(1.0, LEAST / min(high, wide))
    source = base64.b64encode(file.getvalue()).decode()
    size = f'width="{round(scale * wide)}" height="{round(scale * high)}"'
    return f'<img src="data:image/png;base64,{source}" {size} alt="{escape(series.label or "a picture", quote=True)}">'
