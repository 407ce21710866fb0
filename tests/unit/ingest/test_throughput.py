from chatvitals.ingest.throughput import Throughput


class Hand:
    now_ms = 1_790_000_000_000

    def __call__(self) -> int:
        return self.now_ms


def test_it_is_the_mean_of_the_last_ten_seconds() -> None:
    clock = Hand()
    throughput = Throughput(clock)
    assert throughput.per_second() == 0
    throughput.add(400)
    clock.now_ms += 6_000
    throughput.add(100)
    assert throughput.per_second() == 50
    clock.now_ms += 4_000
    assert throughput.per_second() == 10
    clock.now_ms += 6_000
    assert throughput.per_second() == 0


def test_what_is_kept_of_a_fast_writer_is_bounded() -> None:
    throughput = Throughput(Hand())
    for _ in range(5_000):
        throughput.add(10)
    assert throughput.per_second() == 1_024
