"""Work in slices."""

from contextvars import ContextVar, copy_context

from nntui.ui.errand import in_one_context

PLACE = ContextVar("PLACE", default="nowhere")


def work(seen):
    token = PLACE.set("at work")
    try:
        for share in (0.25, 0.5, 0.75):
            seen.append(PLACE.get())
            yield share
    finally:
        PLACE.reset(token)


def test_work_goes_on_in_the_context_that_it_began_in():
    seen = []
    going_on = in_one_context(work(seen))
    shares = [copy_context().run(next, going_on, None) for _ in range(4)]

    assert shares == [0.25, 0.5, 0.75, None]
    assert seen == ["at work"] * 3
    assert PLACE.get() == "nowhere"


def test_work_that_is_given_up_is_put_away_there_too():
    going_on = in_one_context(work([]))
    next(going_on)
    copy_context().run(going_on.close)

    assert PLACE.get() == "nowhere"
