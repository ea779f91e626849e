// Finds kernels whose threads race: two touch the same byte, one of them writes, and no barrier lies between. Kernels compiled with
// -fsanitize=thread tell of every access; this stands in the place of the sanitizer's library, which knows neither blocks nor barriers.
#ifdef FAKE_CUDA_RACES
#include <link.h>

#include <cstdio>
#include <memory>
#include <unordered_map>

#include "cuda_on_cpu.h"

namespace gradus_fake {
namespace {

constexpr uint32_t kNobody = ~0u, kMany = ~0u - 1;
constexpr uintptr_t kPage = 4096, kStack = 64 << 10;
constexpr size_t kMostPages = 4096;  // of 128 KB of cells each

// A thread, and what it had passed when it touched a byte.
struct Access {
  uint32_t block = 0, thread = kNobody, barriers = 0;
};

// What happened to one byte since its memory was new.
struct Cell {
  uint64_t since = 0;
  Access written, read;
};

std::unordered_map<uintptr_t, std::unique_ptr<Cell[]>> pages;
uintptr_t last_page = 0;
Cell* last_cells = nullptr;

Cell& cell_of(uintptr_t at) {
  uintptr_t page = at / kPage;
  if (page != last_page) {
    if (pages.size() > kMostPages) pages.clear();  // forgets what was touched, and may miss a race
    std::unique_ptr<Cell[]>& cells = pages[page];
    if (!cells) cells = std::make_unique<Cell[]>(kPage);
    last_page = page;
    last_cells = cells.get();
  }
  return last_cells[at % kPage];
}

// Where the static variables of this library lie: the kernels' shared memory, which is new for each block.
struct Statics {
  uintptr_t from = 0, to = 0;

  Statics() {
    dl_iterate_phdr(
        [](dl_phdr_info* library, size_t, void* self) {
          for (int i = 0; i < library->dlpi_phnum; i++) {
            const ElfW(Phdr)& part = library->dlpi_phdr[i];
            uintptr_t from = library->dlpi_addr + part.p_vaddr, to = from + part.p_memsz;
            uintptr_t mine = (uintptr_t)&pages;
            if (part.p_type == PT_LOAD && from <= mine && mine < to) *(Statics*)self = Statics(from, to);
          }
          return 0;
        },
        this);
  }

  Statics(uintptr_t a, uintptr_t b) : from(a), to(b) {}

  bool hold(uintptr_t at) const { return from <= at && at < to; }
};

bool conflict(const Access& earlier, const Access& now) {
  if (earlier.thread == kNobody) return false;
  if (earlier.block != now.block) return true;
  return earlier.thread != now.thread && earlier.barriers == now.barriers;
}

// All who have read and whom a later write must be behind.
Access together(const Access& readers, const Access& now) {
  if (readers.thread == kNobody) return now;
  if (readers.block != now.block) return {kMany, kMany, 0};
  if (readers.barriers != now.barriers || readers.thread == now.thread) return now;
  return {now.block, kMany, now.barriers};
}

void report(const Access& earlier, const Access& now, bool shared) {
  if (moment.race) return;
  moment.race = true;
  fprintf(stderr, "fake CUDA: a race in %s, %s memory: thread %u of block %u and ", moment.kernel, shared ? "shared" : "global", now.thread, now.block);
  if (earlier.thread == kMany) {
    fprintf(stderr, "several others, no barrier between\n");
  } else {
    fprintf(stderr, "thread %u of block %u, no barrier between\n", earlier.thread, earlier.block);
  }
}

void touched(const void* address, size_t bytes, bool writes) {
  uintptr_t at = (uintptr_t)address, frame = (uintptr_t)__builtin_frame_address(0);
  if (!moment.kernel || (frame <= at && at < frame + kStack)) return;
  static const Statics statics;
  bool shared = statics.hold(at);
  uint64_t since = shared ? moment.block : moment.launch;
  uint32_t block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  uint32_t thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  Access now{block, thread, moment.barriers};
  for (size_t i = 0; i < bytes; i++) {
    Cell& cell = cell_of(at + i);
    if (cell.since != since) cell = {since, {}, {}};
    if (conflict(cell.written, now)) report(cell.written, now, shared);
    if (writes && conflict(cell.read, now)) report(cell.read, now, shared);
    if (writes) {
      cell.written = now;
      cell.read = {};
    } else {
      cell.read = together(cell.read, now);
    }
  }
}

}  // namespace
}  // namespace gradus_fake

#define GRADUS_ACCESS(bytes) \
  void __tsan_read##bytes(void* at) { gradus_fake::touched(at, bytes, false); } \
  void __tsan_write##bytes(void* at) { gradus_fake::touched(at, bytes, true); } \
  void __tsan_unaligned_read##bytes(void* at) { gradus_fake::touched(at, bytes, false); } \
  void __tsan_unaligned_write##bytes(void* at) { gradus_fake::touched(at, bytes, true); }

extern "C" {
GRADUS_ACCESS(1)
GRADUS_ACCESS(2)
GRADUS_ACCESS(4)
GRADUS_ACCESS(8)
GRADUS_ACCESS(16)
void __tsan_read_range(void* at, size_t bytes) { gradus_fake::touched(at, bytes, false); }
void __tsan_write_range(void* at, size_t bytes) { gradus_fake::touched(at, bytes, true); }
void __tsan_vptr_update(void**, void*) {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_init() {}
}
#endif
