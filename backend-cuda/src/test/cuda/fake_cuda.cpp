// A CUDA without a GPU: the functions this module calls, as a test double in host memory. Kernels are those of gradus-native, compiled by g++;
// convolutions and matrix products are the plain loops that define them. It checks arguments, call order, bounds and leaks; it says nothing
// about a GPU's arithmetic, timing or concurrency.
#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>

#include "cuda_on_cpu.h"
#include "fake_device.h"

using gradus_fake::computes_on;
using gradus_fake::create;
using gradus_fake::destroy;
using gradus_fake::die;
using gradus_fake::fail;
using gradus_fake::require_device;
using gradus_fake::require_no_capture;
using gradus_fake::submit;

namespace {

enum { kSuccess = 0, kInvalidValue = 1, kOutOfMemory = 2, kNotFound = 500, kIllegalAddress = 700, kLaunchFailed = 719 };

// Every block of device memory ends at a page nobody may touch: an overrun ends the process at once.
struct Block {
  char* base;
  size_t mapped;
  size_t bytes;
  int device;
};

constexpr size_t kMostPoisoned = 16 << 20;  // a library's working memory is larger, and the tests' tensors are not
constexpr char kPoison = (char)0xCD;
constexpr int kMostDevices = 16;
constexpr unsigned kMultiprocessors = 1, kBlocksAtOnce = 5;  // as of a kernel of 48 registers

std::mutex mutex;  // of all that follows, and of running kernels
std::map<char*, Block> blocks;
int handles = 0;  // streams, events, handles and descriptors not yet destroyed
std::atomic<int> launches = 0;
thread_local int last_error = kSuccess;
thread_local int device = 0;

// Whether one block of a device holds [p, p + bytes).
bool holds(int which, const void* p, size_t bytes) {
  std::lock_guard lock(mutex);
  char* at = static_cast<char*>(const_cast<void*>(p));
  auto next = blocks.upper_bound(at);
  if (next == blocks.begin()) return false;
  --next;
  return at + bytes <= next->first + next->second.bytes && next->second.device == which;
}

int environment(const char* name, int fallback) {
  const char* value = getenv(name);
  return value ? atoi(value) : fallback;
}

}  // namespace

namespace gradus_fake {

int fail(int status) { return last_error = status; }

void die(const std::string& what) {
  fprintf(stderr, "fake CUDA: %s\n", what.c_str());
  abort();
}

void require_on_device(int which, const void* p, size_t bytes, const char* what) {
  if (!holds(which, p, bytes)) die(std::string(what) + " does not lie in the memory of its device");
}

void require_no_capture(const char* what) {
  if (is_capturing()) die(std::string(what) + " while a graph is captured");
}

// As a kernel leaves a device that touched what it may not: its own call went well, and no later one does.
int broken() {
  static const int at = environment("FAKE_CUDA_BREAKS", 0);
  return at && launches >= at ? kIllegalAddress : kSuccess;
}

int run_kernel(const Kernel& kernel, Dim3 grid, Dim3 block, void** arguments) {
  if (int status = broken()) return fail(status);
  launches++;
  std::lock_guard lock(mutex);
  return launch(kernel, grid, block, arguments) ? kSuccess : fail(kLaunchFailed);
}

void require_device(const void* p, size_t bytes, const char* what) { require_on_device(device, p, bytes, what); }

void count_handles(int more) {
  std::lock_guard lock(mutex);
  handles += more;
}

int create(void** handle) {
  count_handles(1);
  *handle = calloc(1, 256);
  return kSuccess;
}

int destroy(void* handle) {
  count_handles(-1);
  free(handle);
  return kSuccess;
}

}  // namespace gradus_fake

// ---- runtime

EXPORT int cudaDriverGetVersion(int* version) { *version = 13000; return kSuccess; }
EXPORT int cudaRuntimeGetVersion(int* version) { *version = 13000; return kSuccess; }

EXPORT int cudaGetDeviceCount(int* count) {
  int status = environment("FAKE_CUDA_STATUS", 0);
  *count = status ? 0 : environment("FAKE_CUDA_DEVICES", 1);
  return status;
}

EXPORT const char* cudaGetErrorName(int status) { return status == 35 ? "cudaErrorInsufficientDriver" : "cudaErrorFake"; }
EXPORT const char* cudaGetErrorString(int status) {
  switch (status) {
    case kOutOfMemory: return "out of memory";
    case kIllegalAddress: return "an illegal memory access was encountered";
    case kLaunchFailed: return "launch failed";
    default: return "fake error";
  }
}
EXPORT int cudaGetLastError() { return std::exchange(last_error, (int)kSuccess); }

EXPORT int cudaDeviceGetAttribute(int* value, int attribute, int) {
  int capability = environment("FAKE_CUDA_CAPABILITY", 90);
  switch (attribute) {
    case 16: *value = kMultiprocessors; return kSuccess;
    case 75: *value = capability / 10; return kSuccess;
    case 76: *value = capability % 10; return kSuccess;
    default: return fail(kInvalidValue);
  }
}

EXPORT int cudaSetDevice(int chosen) {
  if (chosen < 0 || chosen >= environment("FAKE_CUDA_DEVICES", 1) || chosen >= kMostDevices) return fail(kInvalidValue);
  device = chosen;
  return kSuccess;
}

EXPORT int cudaMemGetInfo(size_t* free_bytes, size_t* total) {
  std::lock_guard lock(mutex);
  const char* room = getenv("FAKE_CUDA_MEMORY");
  *free_bytes = *total = room ? strtoull(room, nullptr, 10) : (size_t)1 << 36;
  for (const auto& block : blocks) *free_bytes -= block.second.device == device ? block.second.bytes : 0;
  return kSuccess;
}

EXPORT int cudaMalloc(void** p, size_t bytes) {
  require_no_capture("cudaMalloc");
  if (int status = gradus_fake::broken()) return fail(status);
  size_t free_bytes, total;
  cudaMemGetInfo(&free_bytes, &total);
  if (bytes > free_bytes) return fail(kOutOfMemory);
  std::lock_guard lock(mutex);
#if defined(__SANITIZE_ADDRESS__)
  char* start = static_cast<char*>(malloc(bytes));  // with red zones on both sides
  memset(start, kPoison, bytes);
  blocks[start] = {start, 0, bytes, device};
#else
  size_t page = sysconf(_SC_PAGESIZE);
  size_t rounded = (bytes + 15) / 16 * 16;  // the strictest end of what cuDNN takes; what lies between is looked at when it is freed
  size_t usable = (rounded + page - 1) / page * page + page;
  char* base = static_cast<char*>(mmap(nullptr, usable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  if (base == MAP_FAILED) return fail(kOutOfMemory);
  mprotect(base + usable, page, PROT_NONE);
  char* start = base + usable - rounded;
  memset(start + bytes, kPoison, rounded - bytes);
  if (bytes <= kMostPoisoned) memset(start, kPoison, bytes);
  blocks[start] = {base, usable + page, bytes, device};
#endif
  *p = start;
  return kSuccess;
}

EXPORT int cudaFree(void* p) {
  require_no_capture("cudaFree");
  if (int status = gradus_fake::wait_for_device()) return fail(status);
  if (!p) return kSuccess;
  if (gradus_fake::is_busy()) die("memory is freed that work under way may use: cudaFree may wait for it, and need not");
  std::lock_guard lock(mutex);
  auto found = blocks.find(static_cast<char*>(p));
  if (found == blocks.end() || found->second.device != device) return fail(kInvalidValue);
  if (found->second.mapped) {
    const char* end = found->second.base + found->second.mapped - sysconf(_SC_PAGESIZE);
    for (const char* at = found->first + found->second.bytes; at < end; at++) {
      if (*at != kPoison) die("a block of device memory was written to behind its end");
    }
    munmap(found->second.base, found->second.mapped);
  } else {
    free(found->second.base);
  }
  blocks.erase(found);
  return kSuccess;
}

EXPORT int cudaMallocHost(void** p, size_t bytes) {
  require_no_capture("cudaMallocHost");
  if (int status = gradus_fake::wait_for_device()) return fail(status);
  return (*p = malloc(bytes)) ? kSuccess : fail(kOutOfMemory);
}

EXPORT int cudaFreeHost(void* p) {
  require_no_capture("cudaFreeHost");
  if (int status = gradus_fake::wait_for_device()) return fail(status);
  free(p);
  return kSuccess;
}

EXPORT int cudaMemcpyAsync(void* to, const void* from, size_t bytes, int kind, void* stream) {
  computes_on(stream);
  if (int status = gradus_fake::broken()) return fail(status);
  return submit([=] {
    if (kind == 1 || kind == 3) require_device(to, bytes, "the destination of a copy");
    if (kind == 2 || kind == 3) require_device(from, bytes, "the source of a copy");
    memmove(to, from, bytes);
    return (int)kSuccess;
  });
}

EXPORT int cudaMemsetAsync(void* p, int value, size_t bytes, void* stream) {
  computes_on(stream);
  if (int status = gradus_fake::broken()) return fail(status);
  return submit([=] {
    require_device(p, bytes, "memory to be set");
    memset(p, value, bytes);
    return (int)kSuccess;
  });
}

namespace {
// What a process left behind is a failure of the test that ran in it.
struct LeakCheck {
  ~LeakCheck() {
    const char* report = getenv("FAKE_CUDA_REPORT");
    if (!report) return;
    FILE* file = fopen(report, "w");
    if (!file) return;
    fprintf(file, "device blocks %zu, handles %d\n", blocks.size(), handles);
    fclose(file);
  }
} leak_check;
}  // namespace

// ---- driver

EXPORT int cuDeviceGetName(char* name, int length, int) {
  snprintf(name, length, "Fake GPU on the CPU");
  return kSuccess;
}

EXPORT int cuModuleLoadData(void** module, const void* image) {
  return memcmp(image, "fake cubin", 10) == 0 ? create(module) : fail(200);
}

EXPORT int cuModuleUnload(void* module) { return destroy(module); }

EXPORT int cuModuleGetFunction(void** function, void*, const char* name) {
  for (int i = 0; i < gradus_fake::kernel_count; i++) {
    if (!strcmp(gradus_fake::kernels[i].name, name)) {
      *function = const_cast<gradus_fake::Kernel*>(&gradus_fake::kernels[i]);
      return kSuccess;
    }
  }
  return fail(kNotFound);
}

EXPORT int cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void*, int, size_t) {
  *blocks = kBlocksAtOnce;
  return kSuccess;
}

EXPORT int cuLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                          unsigned, void* stream, void** arguments, void**) {
  computes_on(stream);
  if (gx == 0 || gy == 0 || gz == 0 || gy > 65535 || gz > 65535 || bx * by * bz > 1024) return fail(kInvalidValue);
  auto kernel = static_cast<gradus_fake::Kernel*>(function);
  if (!kernel->waits && gx * gy > kMultiprocessors * kBlocksAtOnce) die(kernel->name + std::string(" has more blocks than can run at once"));
  return gradus_fake::submit_kernel(*kernel, {gx, gy, gz}, {bx, by, bz}, arguments);
}

// ---- NVRTC

EXPORT int nvrtcVersion(int* major, int* minor) { *major = 13; *minor = 0; return 0; }
EXPORT const char* nvrtcGetErrorString(int) { return "fake NVRTC error"; }

EXPORT int nvrtcCreateProgram(void** program, const char* source, const char*, int, const char* const*, const char* const*) {
  create(program);
  // The compiler knows one mistake.
  static_cast<int*>(*program)[0] = strstr(source, "#error") ? 6 : 0;
  return 0;
}

EXPORT int nvrtcCompileProgram(void* program, int count, const char* const* options) {
  // By name alone, as the real one does.
  if (!dlopen("libnvrtc-builtins.so.13.0", RTLD_LAZY)) return static_cast<int*>(program)[0] = 7;
  for (int i = 0; i < count; i++) {
    if (!strncmp(options[i], "--gpu-architecture=sm_", 22)) return static_cast<int*>(program)[0];
  }
  return 5;
}


namespace {
const char* log_of(void* program) {
  return *static_cast<int*>(program) == 7 ? "nvrtc: error: failed to open libnvrtc-builtins.so.13.0" : "#error seen";
}
}  // namespace

EXPORT int nvrtcGetProgramLogSize(void* program, size_t* size) { *size = strlen(log_of(program)) + 1; return 0; }
EXPORT int nvrtcGetProgramLog(void* program, char* log) { strcpy(log, log_of(program)); return 0; }
EXPORT int nvrtcGetCUBINSize(void*, size_t* size) { *size = 11; return 0; }
EXPORT int nvrtcGetCUBIN(void*, char* cubin) { memcpy(cubin, "fake cubin", 11); return 0; }
EXPORT int nvrtcDestroyProgram(void** program) { return destroy(*program); }

// ---- cuBLAS

EXPORT int cublasCreate_v2(void** handle) { return create(handle); }
EXPORT int cublasDestroy_v2(void* handle) {
  int status = gradus_fake::wait_for_device();
  return status ? status : destroy(handle);
}
EXPORT int cublasSetStream_v2(void*, void*) { return 0; }
EXPORT int cublasSetWorkspace_v2(void*, void* p, size_t bytes) {
  require_device(p, bytes, "working memory of cuBLAS");
  return 0;
}
EXPORT int cublasSetMathMode(void* handle, int mode) { *static_cast<int*>(handle) = mode; return mode == 0 || mode == 3 ? 0 : 7; }
EXPORT int cublasGetVersion_v2(void*, int* version) { *version = 130100; return 0; }
EXPORT const char* cublasGetStatusString(int) { return "fake cuBLAS error"; }

EXPORT int cublasSgemm_v2(void* handle, int op_a, int op_b, int m, int n, int k, const float* alpha, const float* a, int lda,
                          const float* b, int ldb, const float* beta, float* c, int ldc) {
  // As cuBLAS checks them: a leading dimension is at least the rows of the matrix as it is stored.
  if (m < 0 || n < 0 || k < 0 || lda < (op_a ? k : m) || ldb < (op_b ? n : k) || ldc < m) return 7;
  bool tf32 = *static_cast<int*>(handle) == 3;
  return submit([=, alpha = *alpha, beta = *beta] {
    require_device(a, 4 * ((size_t)lda * ((op_a ? m : k) - 1) + (op_a ? k : m)), "a");
    require_device(b, 4 * ((size_t)ldb * ((op_b ? k : n) - 1) + (op_b ? n : k)), "b");
    require_device(c, 4 * ((size_t)ldc * (n - 1) + m), "c");
    auto factor = [tf32](float value) { return tf32 ? gradus_fake::cut_to_tf32(value) : value; };
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < m; i++) {
        float sum = 0;
        for (int p = 0; p < k; p++) {
          sum += factor(op_a ? a[(size_t)i * lda + p] : a[(size_t)p * lda + i]) *
                 factor(op_b ? b[(size_t)p * ldb + j] : b[(size_t)j * ldb + p]);
        }
        float& out = c[(size_t)j * ldc + i];
        out = beta == 0 ? alpha * sum : alpha * sum + beta * out;
      }
    }
    return 0;
  });
}
