// The thread pool by itself: every task once, whoever is there to do it; an idle pool sleeps; and whom it is
// worth to wait for.
#include "../../main/cpp/thread_pool.h"

#include <sched.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <new>
#include <thread>
#include <vector>

using gradus::ThreadPool;

namespace {

int failures = 0;

void fail_unless(bool held, const char* what, int threads, double value) {
  if (held) return;
  std::printf("FAILED %s with %d threads: %g\n", what, threads, value);
  failures++;
}

double processor_seconds() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

void compute(int rounds) {
  for (volatile int i = 0; i < rounds; i = i + 1) {
  }
}

// Keeps this thread, and those it starts meanwhile, to one core.
class OneCore {
 public:
  OneCore() {
    sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int core = 0; core < CPU_SETSIZE; core++) {
      if (CPU_ISSET(core, &before_) && CPU_COUNT(&one) == 0) CPU_SET(core, &one);
    }
    sched_setaffinity(0, sizeof one, &one);
  }
  ~OneCore() { sched_setaffinity(0, sizeof before_, &before_); }

 private:
  cpu_set_t before_;
};

// Another program that wants a core all the time.
class Rival {
 public:
  Rival() : thread_([this] { while (!stop_.load(std::memory_order_relaxed)) compute(1000); }) {}
  ~Rival() {
    stop_.store(true, std::memory_order_relaxed);
    thread_.join();
  }

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

// Regions of few and of many tasks, short and long, at once and after a while: each task is done once, by a worker there is.
void check_tasks(int threads) {
  ThreadPool pool(threads);
  std::vector<std::atomic<int>> done(100);
  long wrong = 0;
  for (int region = 0; region < 600; region++) {
    const int tasks = 1 + region % 100;
    for (auto& each : done) each.store(0);
    gradus::parallel(pool, tasks, [&](int task, int worker) {
      if (worker < 0 || worker >= threads) return;
      compute(region % 7 == 0 ? 2000 : 10);
      done[task]++;
    });
    for (int task = 0; task < 100; task++) wrong += done[task] != (task < tasks);
    // Long enough for workers to go to sleep.
    if (region % 50 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  fail_unless(wrong == 0, "tasks not done exactly once", threads, wrong);
}

// Memory that runs out in one task ends the region with an exception, and the pool goes on working.
void check_exhaustion(int threads) {
  ThreadPool pool(threads);
  for (int failing : {0, 7, 63}) {
    bool refused = false;
    try {
      gradus::parallel(pool, 64, [&](int task, int) {
        if (task == failing) throw std::bad_alloc();
      });
    } catch (const std::bad_alloc&) {
      refused = true;
    }
    std::atomic<int> done{0};
    gradus::parallel(pool, 64, [&](int, int) { done++; });
    fail_unless(refused, "exhaustion not told, task", threads, failing);
    fail_unless(done == 64, "tasks after exhaustion", threads, done);
  }
}

// A program that does nothing costs nothing.
void check_idleness(int threads) {
  ThreadPool pool(threads);
  gradus::parallel(pool, 64, [](int, int) { compute(100); });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const double before = processor_seconds();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const double used = processor_seconds() - before;
  fail_unless(used < 0.02, "processor seconds of 0.2 idle ones", threads, used);
}

// Two threads do without one that has half of a core, not without one that a program of low priority takes a tenth from; the more
// threads there are, the more of them wait.
void check_worth() {
  using Share = std::chrono::duration<double>;
  const struct {
    double share;
    int threads;
    bool worth;
  } cases[] = {{1, 2, true}, {0.9, 2, true}, {0.65, 2, true}, {0.5, 2, false}, {0.65, 4, false}, {0.85, 4, true}, {0.85, 8, false}, {1, 64, true}};
  for (const auto& one : cases) {
    fail_unless(gradus::worth_waiting_for(Share(0.02 * one.share), Share(0.02), one.threads) == one.worth,
                "worth of a thread with a share of its core", one.threads, one.share);
  }
}

// A pool ends at once even while its workers rest or sleep.
void check_end(int threads) {
  OneCore here;
  Rival rival;
  for (int i = 0; i < 5; i++) {
    ThreadPool pool(threads);
    for (int region = 0; region < 200; region++) gradus::parallel(pool, 16, [](int, int) { compute(1000); });
  }
}

}  // namespace

int main() {
  for (int threads : {1, 2, 3, 8}) {
    check_tasks(threads);
    check_exhaustion(threads);
    check_idleness(threads);
    {
      OneCore here;
      check_tasks(threads);
    }
    {
      Rival one, two;
      check_tasks(threads);
    }
    check_end(threads);
  }
  check_worth();
  std::printf("thread pool: %d failures\n", failures);
  return failures == 0 ? 0 : 1;
}
