from pathlib import Path

from workers import queues
from workers.process import Worker


def test_an_idle_worker_asks_again_before_its_connection_is_given_up_for_dead(tmp_path: Path) -> None:
    connection = queues.connect(f"unix://{tmp_path / 'nobody.sock'}")
    patience = connection.connection_pool.connection_kwargs["socket_timeout"]
    worker = Worker.__new__(Worker)
    assert 0 < worker.dequeue_timeout < patience
