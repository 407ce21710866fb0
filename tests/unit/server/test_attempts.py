from chatvitals.server.attempts import AT_ONCE, EVERY_S, Attempts


class Time:
    now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


def test_a_few_guesses_are_free_and_then_one_every_so_often() -> None:
    time = Time()
    attempts = Attempts(time)
    for _ in range(AT_ONCE):
        assert attempts.wait_s("10.0.0.1") == 0
        attempts.failed("10.0.0.1")
    assert attempts.wait_s("10.0.0.1") == EVERY_S
    time.now_s += EVERY_S
    assert attempts.wait_s("10.0.0.1") == 0
    attempts.failed("10.0.0.1")
    assert attempts.wait_s("10.0.0.1") == EVERY_S
    time.now_s += AT_ONCE * EVERY_S
    for _ in range(AT_ONCE):
        assert attempts.wait_s("10.0.0.1") == 0
        attempts.failed("10.0.0.1")


def test_others_do_not_wait_for_one_who_guesses() -> None:
    attempts = Attempts(Time())
    for _ in range(AT_ONCE):
        attempts.failed("10.0.0.1")
    assert attempts.wait_s("10.0.0.1") > 0
    assert attempts.wait_s("10.0.0.2") == 0
    assert attempts.wait_s("") == 0


def test_the_addresses_of_one_network_count_together() -> None:
    attempts = Attempts(Time())
    for number in range(AT_ONCE):
        attempts.failed(f"2001:db8:0:1::{number}")
    assert attempts.wait_s("2001:db8:0:1:ffff::1") > 0
    assert attempts.wait_s("2001:db8:0:2::1") == 0


def test_only_so_many_addresses_are_remembered() -> None:
    attempts = Attempts(Time())
    for _ in range(AT_ONCE):
        attempts.failed("10.0.0.1")
    for number in range(10_000):
        attempts.failed(f"192.{number >> 8}.{number & 255}.1")
    assert attempts.wait_s("10.0.0.1") == 0
