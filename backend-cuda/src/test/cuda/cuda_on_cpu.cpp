// Runs a kernel's threads as fibers, which are made once and run one kernel after the other.
#include "cuda_on_cpu.h"

#include <setjmp.h>
#include <ucontext.h>

#include <cstdio>
#include <cstdlib>
#include <deque>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

Dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace gradus_fake {

Moment moment;

namespace {

constexpr size_t kStack = 64 << 10;

struct Fiber {
  ucontext_t context;
  jmp_buf place;
  char* stack = nullptr;  // null before its first run
  void* fake_stack = nullptr;
  Dim3 index{};
  unsigned barriers = 0;
  bool ended = false;
};

std::deque<Fiber> fibers;
Fiber* current;
const Kernel* running;
void** running_arguments;

// A change of context asks the system for signal masks, which takes most of the time; a jump does not. AddressSanitizer must be told of each
// change, and knows contexts.
#if defined(__SANITIZE_ADDRESS__)

ucontext_t scheduler;
void* scheduler_fake_stack;
const void* scheduler_stack;
size_t scheduler_stack_size;

void arrive() { __sanitizer_finish_switch_fiber(current->fake_stack, &scheduler_stack, &scheduler_stack_size); }

void leave() {
  __sanitizer_start_switch_fiber(&current->fake_stack, scheduler_stack, scheduler_stack_size);
  swapcontext(&current->context, &scheduler);
  arrive();
}

void enter(Fiber& fiber, bool) {
  __sanitizer_start_switch_fiber(&scheduler_fake_stack, fiber.stack, kStack);
  swapcontext(&scheduler, &fiber.context);
  __sanitizer_finish_switch_fiber(scheduler_fake_stack, nullptr, nullptr);
}

#else

jmp_buf scheduler;

void arrive() {}

void leave() {
  if (_setjmp(current->place) == 0) _longjmp(scheduler, 1);
}

void enter(Fiber& fiber, bool first) {
  if (_setjmp(scheduler) != 0) return;
  if (first) setcontext(&fiber.context);
  _longjmp(fiber.place, 1);
}

#endif

void body() {
  arrive();
  while (true) {
    running->run(running_arguments);
    current->ended = true;
    leave();
  }
}

void resume(Fiber& fiber) {
  current = &fiber;
  threadIdx = fiber.index;
  moment.barriers = fiber.barriers;
  bool first = !fiber.stack;
  if (first) {
    fiber.stack = static_cast<char*>(malloc(kStack));
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack;
    fiber.context.uc_stack.ss_size = kStack;
    fiber.context.uc_link = nullptr;
    makecontext(&fiber.context, body, 0);
  }
  enter(fiber, first);
  current = nullptr;
}

Dim3 index_of(size_t thread, Dim3 block) {
  unsigned t = (unsigned)thread;
  return {t % block.x, t / block.x % block.y, t / block.x / block.y};
}

}  // namespace

void wait_for_block() {
  if (!current) {
    fprintf(stderr, "fake CUDA: %s waits for its block, but is no GRADUS_BLOCK_KERNEL\n", running->name);
    abort();
  }
  leave();
  moment.barriers = ++current->barriers;
}

float exchanged(float value, unsigned mask) {
  static float values[1024];
  values[threadIdx.x] = value;
  leave();  // which orders nothing else, as on a GPU
  float other = values[threadIdx.x ^ mask];
  leave();
  return other;
}

bool launch(const Kernel& kernel, Dim3 grid, Dim3 block, void** arguments) {
  size_t threads = (size_t)block.x * block.y * block.z;
  if (fibers.size() < threads) fibers.resize(threads);
  running = &kernel;
  moment = {kernel.name, moment.launch + 1, moment.block, 0, false};
  running_arguments = arguments;
  gridDim = grid;
  blockDim = block;
  for (unsigned z = 0; z < grid.z; z++) {
    for (unsigned y = 0; y < grid.y; y++) {
      for (unsigned x = 0; x < grid.x; x++) {
        blockIdx = {x, y, z};
        moment.block++;
        moment.barriers = 0;
        if (!kernel.waits) {
          for (size_t t = threads; t-- > 0;) {
            threadIdx = index_of(t, block);
            kernel.run(arguments);
          }
          continue;
        }
        for (size_t t = 0; t < threads; t++) {
          fibers[t].index = index_of(t, block);
          fibers[t].barriers = 0;
          fibers[t].ended = false;
        }
        size_t ended = 0;
        while (ended < threads) {
          ended = 0;
          // In reverse, so that thread 0 is not the first to see shared memory.
          for (size_t t = threads; t-- > 0;) {
            resume(fibers[t]);
            ended += fibers[t].ended;
          }
          if (ended != 0 && ended != threads) {  // some wait at a barrier the others never reach: they are stuck there
            for (Fiber& fiber : fibers) free(std::exchange(fiber.stack, nullptr));
            moment.kernel = nullptr;
            return false;
          }
        }
      }
    }
  }
  moment.kernel = nullptr;
  return !moment.race;
}

}  // namespace gradus_fake
