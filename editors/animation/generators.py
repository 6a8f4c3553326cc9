"""The generators that films can be made with, and their frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from torch import Tensor

from facet import Context, Film, Step
from facet.stylegan import GeneratorRef, generator_nets
from nets.stylegan2 import Generator
from nets.stylegan2.contents import from_contents
from nets.stylegan2.sampling import one_by_one, picture

GENERATORS = generator_nets(from_contents)


def filmed(
    ctx: Context,
    generator: Generator,
    ref: GeneratorRef | None,
    codes: Tensor,
    *,
    fps: int,
    size: int | None,
    format: str,
    over: Callable[[Tensor, Iterable[Tensor]], Iterable[Tensor]] | None = None,
) -> Step:
    """The one step of a film: codes [N, num_ws, w_dim] of `ref` become its frames, and the first of them the still.

    over: makes what is filmed of the codes and the generator's pictures, which then have their full size.
    """

    def frames() -> Iterator[Tensor]:
        drawn = one_by_one(generator, codes, None if over else size)
        for frame in over(codes, drawn) if over else drawn:
            ctx.check_stop()
            yield frame

    code = codes[0].float().cpu().numpy()
    film = Film(frames(), fps, format, len(codes))
    return Step(picture(generator, codes[:1]), 0.02, "first frame", latent=code, generator=ref, film=film)
