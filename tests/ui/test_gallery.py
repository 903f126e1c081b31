"""How real and fake images hang: whole, as many as there is room for."""

import pytest
from fake_session import fake_curve
from rivals import strokes

from nntui.session.position import Depth
from nntui.ui.renderables.gallery import Hanging, gallery_lines, hanging
from nntui.ui.scene import compose_scene
from nntui.ui.spans import plain


def test_real_ones_above_and_what_is_left_over_to_the_fakes():
    assert hanging(4, 8, 34, 18) == Hanging(False, True, 3, 1, 2)
    assert hanging(4, 8, 34, 22) == Hanging(False, True, 3, 2, 2)


def test_beside_each_other_where_that_is_too_high_and_without_numbers_at_last():
    assert hanging(4, 8, 40, 9) == Hanging(True, True, 2, 1, 1)
    assert hanging(8, 16, 40, 9) == Hanging(True, False, 1, 1, 1)
    assert hanging(4, 8, 12, 10) == Hanging(False, False, 1, 1, 1)
    assert hanging(9, 8, 12, 10) is None


@pytest.mark.parametrize("bare", [True, False])
def test_all_that_is_shown_is_whole_or_said_to_be_cut(bare):
    session = strokes()
    session.cursor.forward(Depth.STEP)
    scene = compose_scene(session, fake_curve, before=None, chosen=None, log=False)
    for cells in range(6, 60, 3):
        for rows in range(2, 20):
            lines = gallery_lines(scene.match.rivalry, scene.frame, cells, rows, bare=bare)
            assert len(lines) == rows
            drawn = [line for line in lines if any("-" in style for _, style in line)]
            whole = hanging(3 if bare else 2, 6 if bare else 3, cells, rows)
            assert ("cut" in " ".join(map(plain, lines))) == (whole is None)
            if whole:
                assert all(len(plain(line).rstrip()) <= cells for line in drawn)
