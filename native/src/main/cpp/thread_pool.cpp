#include "thread_pool.h"

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

// Half a microsecond of waiting before the core is offered to others, which costs as much again where nobody wants it.
constexpr int kPauses = 32;
// Longer than the gap between two kernels of a step, shorter than a person notices in a profile.
constexpr auto kPatience = microseconds(100);
// Who is away for longer had lost the core to a thread that computes, for a slice of the scheduler's (0.7 to 4 ms), and not to
// a short errand such as the loader's.
constexpr auto kErrand = microseconds(500);
constexpr auto kLeastRest = milliseconds(2), kMostRest = milliseconds(64);
// Disturbed again within this time after a rest, a worker rests twice as long.
constexpr auto kMemory = milliseconds(100);
}  // namespace

ThreadPool::ThreadPool(int threads) : threads_(threads < 1 ? 1 : threads), shares_(threads_), scratch_(threads_ + 2) {
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

bool ThreadPool::await_region(uint32_t seen, Rest& rest) {
  const auto called = [&] { return generation(state_.load(std::memory_order_seq_cst)) != seen; };
  const auto stopping = [&] { return stopping_.load(std::memory_order_seq_cst); };
  Clock::time_point began = Clock::now(), now = began;
  for (;;) {
    for (int i = 0; i < kPauses; i++) {
      if (called()) return true;
      GRADUS_PAUSE();
    }
    if (stopping()) return false;
    const Clock::time_point before = now;
    std::this_thread::yield();
    now = Clock::now();
    if (now - before <= kErrand && now - began <= kPatience) continue;
    std::unique_lock<std::mutex> lock(mutex_);
    if (now - before > kErrand) {
      rest.length = now - rest.ended < kMemory ? std::min(2 * rest.length, Clock::duration(kMostRest)) : kLeastRest;
      if (resting_.wait_for(lock, rest.length, stopping)) return false;
      rest.ended = Clock::now();
    } else {
      sleepers_.fetch_add(1, std::memory_order_seq_cst);
      wake_.wait(lock, [&] { return called() || stopping(); });
      sleepers_.fetch_sub(1, std::memory_order_seq_cst);
    }
    began = now = Clock::now();
  }
}

void ThreadPool::serve(int worker) {
  uint32_t seen = 0;
  Rest rest;
  while (await_region(seen, rest)) {
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
  for (int pauses = 1; (state_.load(std::memory_order_acquire) & kInside) != 0; pauses++) {
    if (pauses % kPauses != 0) {
      GRADUS_PAUSE();
    } else {
      std::this_thread::yield();  // they may be waiting for this very core
    }
  }
  if (out_of_memory_.exchange(false, std::memory_order_relaxed)) throw std::bad_alloc();
}

}  // namespace gradus
