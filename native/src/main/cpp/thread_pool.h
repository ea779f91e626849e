// One persistent pool per context: workers spin for a while, then sleep, so that the many short parallel regions of a
// step cost about a microsecond each and an idle program costs nothing. A worker that shares its core with others, so that
// waiting for it costs more than it does, rests for some milliseconds, and longer each time: between regions it holds nobody
// up. So more threads than cores, or other programs on these cores, cost little more than the threads that find no core.
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace gradus {

// Whether several threads get more done with one of them that had its core for so much of the time than without: when it loses
// its core within a region, all wait for it.
bool worth_waiting_for(std::chrono::duration<double> had, std::chrono::duration<double> could, int threads);

class ThreadPool {
 public:
  using Clock = std::chrono::steady_clock;
  using Function = void (*)(void* argument, int task, int worker);

  // Throws std::system_error if the system has no more threads to give.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return threads_; }

  // Runs tasks 0..tasks-1 and returns when all are done. Worker w starts with its own contiguous share, so that the
  // same image group meets the same core's cache from layer to layer, and then takes what others have left. Nobody
  // waits for a worker that has not come yet: where other programs hold the cores, those who are there do all the work.
  // Which worker runs a task must not change its result. Throws std::bad_alloc, once all tasks have ended, if one of
  // them did.
  void run(int tasks, Function function, void* argument);

  // Memory of one worker that survives from call to call and only grows: 64-byte aligned, contents undefined.
  void* scratch(int worker, size_t bytes);

  // Memory shared by all workers of one region; ask for it before run().
  void* shared_scratch(size_t bytes) { return scratch(threads_, bytes); }

  // The same for a tensor in between, which lives through several regions and their shared scratch.
  void* tensor_scratch(size_t bytes) { return scratch(threads_ + 1, bytes); }

  // The same for an op's input in another format.
  void* input_scratch(size_t bytes) { return scratch(threads_ + 2, bytes); }
  // And for its output.
  void* output_scratch(size_t bytes) { return scratch(threads_ + 3, bytes); }

 private:
  struct alignas(128) Share {
    std::atomic<int64_t> next{0};
    int64_t end = 0;
  };
  struct Block {
    char* memory = nullptr;
    size_t bytes = 0;
  };

  // Whether a worker gets its core, measured over a window of time in which it does not sleep.
  struct Presence {
    Clock::duration window{0};
    Clock::time_point since{};
    std::chrono::nanoseconds computed{0};
    Clock::duration rest{0};
    Clock::time_point rested{};

    void begin(Clock::duration length);
    // At the end of a window: whether the region would rather do without this worker. Then the next window begins.
    bool crowded_out(Clock::time_point now, int threads);
  };

  // The state of the current region in one word: its generation, whether workers may still enter, and how many are
  // inside.
  static constexpr uint64_t kOpen = uint64_t{1} << 31, kInside = kOpen - 1;
  static uint32_t generation(uint64_t state) { return static_cast<uint32_t>(state >> 32); }

  void stop();
  void work(int worker);
  void serve(int worker);
  // Returns when there is a region after the one of generation `seen`, or false when the pool ends.
  bool await_region(uint32_t seen, Presence& presence);
  bool enter(uint32_t generation);

  const int threads_;
  std::vector<std::thread> workers_;
  std::vector<Share> shares_;
  std::vector<Block> scratch_;
  Function function_ = nullptr;
  void* argument_ = nullptr;
  alignas(128) std::atomic<uint64_t> state_{0};
  alignas(128) std::atomic<int> sleepers_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> out_of_memory_{false};
  std::mutex mutex_;
  std::condition_variable wake_, resting_;
};

// Runs f(task, worker) for every task. f lives on the caller's stack: nothing is allocated.
template <class F>
inline void parallel(ThreadPool& pool, int tasks, const F& f) {
  pool.run(
      tasks, [](void* argument, int task, int worker) { (*static_cast<const F*>(argument))(task, worker); },
      const_cast<void*>(static_cast<const void*>(&f)));
}

}  // namespace gradus
