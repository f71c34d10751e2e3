import json
import os
import threading

from jira_compat.events.log import EventLog
from jira_compat.proxy.workers.event_pipe import EventPipe
from live import PATIENCE

LONG = "x" * 100_000


def piped(merged):
    return os.fdopen(merged.pipe(), "wb", buffering=0)


def lines(path):
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


def test_lines_of_several_stay_whole_and_in_their_order(tmp_path):
    merged = EventPipe(EventLog(str(tmp_path / "events")))

    def write(pipe, name):
        with pipe:
            for number in range(20):
                content = json.dumps([name, number, LONG]).encode() + b"\n"
                for cut in range(0, len(content), 30_000):
                    pipe.write(content[cut : cut + 30_000])

    threads = [threading.Thread(target=write, args=(piped(merged), name)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert merged.close(20)
    found = lines(tmp_path / "events")
    assert len(found) == 80
    for name in range(4):
        assert [one for one in found if one[0] == name] == [[name, number, LONG] for number in range(20)]
    assert merged.lost == 0


def test_what_was_written_is_not_lost_with_its_writer_but_for_half_a_line(tmp_path):
    merged = EventPipe(EventLog(str(tmp_path / "events")))
    with piped(merged) as pipe:
        pipe.write(b'{"number": 1}\n{"number": 2}\n{"numb')
    merged.write({"v": 1, "event": "policies_loaded"})
    assert merged.close(20)
    assert sorted(one.get("number", 0) for one in lines(tmp_path / "events")) == [0, 1, 2]
    assert merged.lost == 1


def test_what_a_reader_who_never_reads_does_not_take_is_lost_and_counted():
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb"), os.fdopen(writing, "w") as stream:
        merged = EventPipe(EventLog("-", stream))
        with piped(merged) as pipe:
            pipe.write(b'"' + LONG.encode() + b'"\n')
        assert merged.close(PATIENCE)
        assert merged.lost == 1
