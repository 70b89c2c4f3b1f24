"""How many 48-byte messages a second Python's multiprocessing.Queue carries from process to process: one number."""
import multiprocessing
import sys
import time


def give(queue):
    message = bytes(48)
    while True:
        queue.put(message)


if __name__ == "__main__":
    seconds = float(sys.argv[1])
    queue = multiprocessing.Queue(4096)
    giver = multiprocessing.Process(target=give, args=(queue,), daemon=True)
    giver.start()
    for _ in range(500):
        queue.get()
    count = 0
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        for _ in range(100):
            queue.get()
        count += 100
    print(count / (time.monotonic() - begin), flush=True)
    giver.terminate()
