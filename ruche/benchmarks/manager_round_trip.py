"""What a call of a manager's proxy costs: microseconds, printed as a number. python3 manager_round_trip.py [CALLS]"""
import multiprocessing
import sys
import time


def main():
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    with multiprocessing.Manager() as manager:
        value = manager.Value("i", 7)
        for _ in range(200):
            value.get()
        start = time.perf_counter()
        for _ in range(calls):
            value.get()
        print((time.perf_counter() - start) / calls * 1e6)


if __name__ == "__main__":
    main()
