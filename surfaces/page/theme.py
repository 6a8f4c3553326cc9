"""The page's look, as far as Gradio's own components are concerned; the rest is ``assets/page.css``."""

from __future__ import annotations

from urllib.parse import quote

import gradio as gr

SYSTEM = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Helvetica Neue", "Arial", "sans-serif")
MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")

_MARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M16 1 31 16 16 31 1 16z" fill="#217f72"/>'
    '<path d="M16 1v15H1z" fill="#aad5cc"/><path d="M1 16h15v15z" fill="#459e90"/><path d="M16 16h15L16 31z" '
    'fill="#10544b"/></svg>'
)
ICON = f'<link rel="icon" type="image/svg+xml" href="data:image/svg+xml,{quote(_MARK)}">'
"""The mark of the header as the icon of the tab, within the page: behind a proxy a browser asks for it at the root."""

_STONE = "#faf9f7 #f3f1ed #e7e4de #d3cfc6 #a39e94 #767168 #575249 #403c35 #282521 #1b1917 #121110"
_PINE = "#eef6f4 #d5eae5 #aad5cc #77bbae #459e90 #217f72 #14685d #10544b #0e443d #0b3631 #06211e"


def theme() -> gr.themes.Base:
    """Warm greys and one green, the system's own fonts, hairlines instead of boxes."""
    made = gr.themes.Base(
        primary_hue=gr.themes.Color(*_PINE.split()),
        secondary_hue=gr.themes.Color(*_STONE.split()),
        neutral_hue=gr.themes.Color(*_STONE.split()),
        font=SYSTEM,
        font_mono=MONO,
        text_size=gr.themes.sizes.text_md,
        radius_size=gr.themes.sizes.radius_md,
        spacing_size=gr.themes.sizes.spacing_md,
    )
    return made.set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_900",
        body_text_color="*neutral_800",
        body_text_color_dark="*neutral_100",
        background_fill_primary="white",
        background_fill_primary_dark="*neutral_800",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_shadow="none",
        block_padding="0px",
        block_label_background_fill="transparent",
        block_title_text_weight="600",
        block_title_text_size="*text_sm",
        block_title_text_color="*neutral_800",
        block_title_text_color_dark="*neutral_100",
        block_info_text_size="*text_sm",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_400",
        input_background_fill="white",
        input_background_fill_dark="*neutral_800",
        input_border_width="1px",
        input_border_color="*neutral_300",
        input_border_color_dark="*neutral_600",
        border_color_primary="*neutral_200",
        border_color_primary_dark="*neutral_700",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_500",
        button_primary_background_fill_hover_dark="*primary_600",
        button_primary_text_color="white",
        button_primary_text_color_dark="white",
        button_large_text_weight="600",
        slider_color="*primary_600",
        slider_color_dark="*primary_400",
        color_accent="*primary_600",
        link_text_color="*primary_600",
        link_text_color_dark="*primary_300",
    )
