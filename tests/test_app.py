"""What importing the application leaves behind."""

import gc


def test_what_the_application_has_imported_is_no_longer_looked_through_and_what_comes_after_it_is() -> None:
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
