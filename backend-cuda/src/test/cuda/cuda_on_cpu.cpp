// Runs a kernel's threads as fibers. Also with AddressSanitizer, which must be told when the stack changes.
#include "cuda_on_cpu.h"

#include <ucontext.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#else
inline void __sanitizer_start_switch_fiber(void**, const void*, size_t) {}
inline void __sanitizer_finish_switch_fiber(void*, const void**, size_t*) {}
#endif

Dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace gradus_fake {
namespace {

constexpr size_t kStack = 64 << 10;

struct Fiber {
  ucontext_t context;
  char* stack = nullptr;
  void* fake_stack = nullptr;
  Dim3 index{};
  bool ended = false;
};

ucontext_t scheduler;
void* scheduler_fake_stack;
const void* scheduler_stack;
size_t scheduler_stack_size;
std::vector<Fiber> fibers;
Fiber* current;
const Kernel* running;
void** running_arguments;

void body() {
  __sanitizer_finish_switch_fiber(nullptr, &scheduler_stack, &scheduler_stack_size);
  running->run(running_arguments);
  current->ended = true;
  __sanitizer_start_switch_fiber(nullptr, scheduler_stack, scheduler_stack_size);
  swapcontext(&current->context, &scheduler);
  abort();  // an ended fiber is never resumed
}

void prepare(Fiber& fiber, Dim3 index) {
  if (!fiber.stack) fiber.stack = static_cast<char*>(malloc(kStack));
  fiber.index = index;
  fiber.ended = false;
  fiber.fake_stack = nullptr;
  getcontext(&fiber.context);
  fiber.context.uc_stack.ss_sp = fiber.stack;
  fiber.context.uc_stack.ss_size = kStack;
  fiber.context.uc_link = nullptr;
  makecontext(&fiber.context, body, 0);
}

void resume(Fiber& fiber) {
  current = &fiber;
  threadIdx = fiber.index;
  __sanitizer_start_switch_fiber(&scheduler_fake_stack, fiber.stack, kStack);
  swapcontext(&scheduler, &fiber.context);
  __sanitizer_finish_switch_fiber(scheduler_fake_stack, nullptr, nullptr);
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
  __sanitizer_start_switch_fiber(&current->fake_stack, scheduler_stack, scheduler_stack_size);
  swapcontext(&current->context, &scheduler);
  __sanitizer_finish_switch_fiber(current->fake_stack, &scheduler_stack, &scheduler_stack_size);
}

float exchanged(float value, unsigned mask) {
  static float values[1024];
  values[threadIdx.x] = value;
  wait_for_block();
  float other = values[threadIdx.x ^ mask];
  wait_for_block();
  return other;
}

bool launch(const Kernel& kernel, Dim3 grid, Dim3 block, void** arguments) {
  size_t threads = (size_t)block.x * block.y * block.z;
  if (fibers.size() < threads) fibers.resize(threads);
  running = &kernel;
  running_arguments = arguments;
  gridDim = grid;
  blockDim = block;
  for (unsigned z = 0; z < grid.z; z++) {
    for (unsigned y = 0; y < grid.y; y++) {
      for (unsigned x = 0; x < grid.x; x++) {
        blockIdx = {x, y, z};
        if (!kernel.waits) {
          for (size_t t = threads; t-- > 0;) {
            threadIdx = index_of(t, block);
            kernel.run(arguments);
          }
          continue;
        }
        for (size_t t = 0; t < threads; t++) prepare(fibers[t], index_of(t, block));
        size_t ended = 0;
        while (ended < threads) {
          ended = 0;
          // In reverse, so that thread 0 is not the first to see shared memory.
          for (size_t t = threads; t-- > 0;) {
            resume(fibers[t]);
            ended += fibers[t].ended;
          }
          if (ended != 0 && ended != threads) return false;  // some wait at a barrier the others never reach
        }
      }
    }
  }
  return true;
}

}  // namespace gradus_fake
