#include "thread_pool.h"

#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <new>

#if defined(__x86_64__)
#include <immintrin.h>
#define GRADUS_PAUSE() _mm_pause()
#else
#define GRADUS_PAUSE() std::this_thread::yield()
#endif

namespace gradus {
namespace {
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr int kPauses = 32;  // about half a microsecond
// Longer than the gap between two kernels of a step, shorter than a person notices in a profile.
constexpr auto kPatience = microseconds(100);
// About a millisecond: the last task of a region is mostly done by then.
constexpr int kPausesBeforeYield = 64000;
// Over how long a worker's share of its core is measured: some slices of the scheduler (0.7 to 4 ms). Who comes back from a
// rest finds out sooner, and goes before those it shares a core with would.
constexpr auto kWindow = milliseconds(20), kWindowAfterRest = milliseconds(5);
constexpr auto kLeastRest = milliseconds(2), kMostRest = milliseconds(64);
// Crowded out again within this time after a rest, a worker rests twice as long.
constexpr auto kMemory = milliseconds(100);

// How long this thread has computed.
std::chrono::nanoseconds processor_time() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}
}  // namespace

ThreadPool::ThreadPool(int threads) : threads_(threads < 1 ? 1 : threads), shares_(threads_), scratch_(threads_ + 4) {
  try {
    for (int worker = 1; worker < threads_; worker++) workers_.emplace_back([this, worker] { serve(worker); });
  } catch (...) {
    stop();  // without it the members would be destroyed under the workers that did start
    throw;
  }
}

ThreadPool::~ThreadPool() {
  stop();
  for (auto& block : scratch_) std::free(block.memory);
}

void ThreadPool::stop() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_.store(true, std::memory_order_seq_cst);
  }
  wake_.notify_all();
  resting_.notify_all();
  for (auto& thread : workers_) thread.join();
}

void* ThreadPool::scratch(int worker, size_t bytes) {
  Block& block = scratch_[worker];
  if (block.bytes < bytes) {
    std::free(block.memory);
    block.bytes = (bytes + 4095) / 4096 * 4096;
    block.memory = static_cast<char*>(std::aligned_alloc(4096, block.bytes));
    if (block.memory == nullptr) {
      block.bytes = 0;
      throw std::bad_alloc();
    }
  }
  return block.memory;
}

void ThreadPool::work(int worker) {
  for (int i = 0; i < threads_; i++) {
    Share& share = shares_[(worker + i) % threads_];
    for (;;) {
      int64_t task = share.next.fetch_add(1, std::memory_order_relaxed);
      if (task >= share.end) break;
      try {
        function_(argument_, static_cast<int>(task), worker);
      } catch (const std::bad_alloc&) {
        out_of_memory_.store(true, std::memory_order_relaxed);
      }
    }
  }
}

bool ThreadPool::enter(uint32_t wanted) {
  uint64_t state = state_.load(std::memory_order_acquire);
  while (generation(state) == wanted && (state & kOpen) != 0) {
    if (state_.compare_exchange_weak(state, state + 1, std::memory_order_acquire)) return true;
  }
  return false;
}

bool worth_waiting_for(std::chrono::duration<double> had, std::chrono::duration<double> could, int threads) {
  // With a share s of its core, t threads do about s * t times the work of one, and without it t - 1. A little more than that is
  // asked for, because t threads do less than t times as much.
  return had >= could * (1 - 0.8 / threads);
}

void ThreadPool::Presence::begin(Clock::duration length) {
  window = length;
  since = Clock::now();
  computed = processor_time();
}

bool ThreadPool::Presence::crowded_out(Clock::time_point now, int threads) {
  if (now - since < window) return false;
  const std::chrono::duration<double> had = processor_time() - computed, could = now - since;
  begin(kWindow);
  return !worth_waiting_for(had, could, threads);
}

bool ThreadPool::await_region(uint32_t seen, Presence& presence) {
  const auto called = [&] { return generation(state_.load(std::memory_order_seq_cst)) != seen; };
  const auto stopping = [&] { return stopping_.load(std::memory_order_seq_cst); };
  for (;;) {
    const Clock::time_point began = Clock::now();
    bool crowded = false;
    for (Clock::time_point now = began; now - began < kPatience; now = Clock::now()) {
      crowded = presence.crowded_out(now, threads_);
      if (crowded) break;
      for (int i = 0; i < kPauses; i++) {
        if (called()) return true;
        GRADUS_PAUSE();
      }
      if (stopping()) return false;
    }
    const Clock::time_point left = Clock::now();
    std::unique_lock<std::mutex> lock(mutex_);
    if (crowded) {
      const bool again = left - presence.rested < kMemory;
      presence.rest = again ? std::min(2 * presence.rest, Clock::duration(kMostRest)) : kLeastRest;
      if (resting_.wait_for(lock, presence.rest, stopping)) return false;
      presence.rested = Clock::now();
      presence.begin(kWindowAfterRest);
    } else {
      sleepers_.fetch_add(1, std::memory_order_seq_cst);
      wake_.wait(lock, [&] { return called() || stopping(); });
      sleepers_.fetch_sub(1, std::memory_order_seq_cst);
      presence.since += Clock::now() - left;
    }
  }
}

void ThreadPool::serve(int worker) {
  uint32_t seen = 0;
  Presence presence;
  presence.begin(kWindow);
  while (await_region(seen, presence)) {
    seen = generation(state_.load(std::memory_order_acquire));
    if (enter(seen)) {
      work(worker);
      state_.fetch_sub(1, std::memory_order_release);
    }
  }
}

void ThreadPool::run(int tasks, Function function, void* argument) {
  if (threads_ == 1 || tasks == 1) {
    for (int task = 0; task < tasks; task++) function(argument, task, 0);
    return;
  }
  function_ = function;
  argument_ = argument;
  for (int worker = 0; worker < threads_; worker++) {
    shares_[worker].end = static_cast<int64_t>(tasks) * (worker + 1) / threads_;
    shares_[worker].next.store(static_cast<int64_t>(tasks) * worker / threads_, std::memory_order_relaxed);
  }
  const uint32_t next = generation(state_.load(std::memory_order_relaxed)) + 1;
  state_.store(static_cast<uint64_t>(next) << 32 | kOpen, std::memory_order_seq_cst);
  if (sleepers_.load(std::memory_order_seq_cst) > 0) {
    std::lock_guard<std::mutex> lock(mutex_);
    wake_.notify_all();
  }
  work(0);
  // Every task has been taken: those who come later find the door closed, those inside finish what they hold.
  state_.fetch_and(~kOpen, std::memory_order_relaxed);
  for (int pauses = 0; (state_.load(std::memory_order_acquire) & kInside) != 0; pauses++) {
    if (pauses < kPausesBeforeYield) {
      GRADUS_PAUSE();
    } else {
      std::this_thread::yield();
    }
  }
  if (out_of_memory_.exchange(false, std::memory_order_relaxed)) throw std::bad_alloc();
}

}  // namespace gradus
