"""The Python side of pool_benchmark: prints one figure. Not for use by itself."""
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import Pool


def same(n):
    return n


def trip_executor(count):
    with ProcessPoolExecutor(1) as pool:
        pool.submit(same, 1).result()
        start = time.perf_counter()
        for i in range(count):
            pool.submit(same, i).result()
        return (time.perf_counter() - start) / count * 1e6


def trip_pool(count):
    with Pool(1) as pool:
        pool.apply(same, (1,))
        start = time.perf_counter()
        for i in range(count):
            pool.apply(same, (i,))
        return (time.perf_counter() - start) / count * 1e6


def many_executor(count):
    with ProcessPoolExecutor(2) as pool:
        pool.submit(same, 1).result()
        start = time.perf_counter()
        for one in [pool.submit(same, i) for i in range(count)]:
            one.result()
        return count / (time.perf_counter() - start)


def many_imap(count):
    with Pool(2) as pool:
        pool.apply(same, (1,))
        start = time.perf_counter()
        for _ in pool.imap(same, range(count)):
            pass
        return count / (time.perf_counter() - start)


def map_best(count):
    best = 0
    with Pool(2) as pool:
        for chunk in (1000, 10000, 100000, None):
            start = time.perf_counter()
            pool.map(same, range(count), chunk)
            best = max(best, count / (time.perf_counter() - start))
    return best


print(globals()[sys.argv[1]](int(sys.argv[2])))
