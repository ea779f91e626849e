// CUDA graphs: what is asked for while a thread captures is kept, and done when the graph is launched. See fake_cuda.cpp.
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <vector>

#include "cuda_on_cpu.h"
#include "fake_device.h"

namespace {

enum { kSuccess = 0, kInvalidValue = 1, kOutOfMemory = 2, kLaunchFailed = 719, kNotInACapture = 900, kIllegalCapture = 901, kThreadLocal = 1 };

// A kernel's call with arguments of its own.
struct KernelCall {
  const gradus_fake::Kernel* kernel;
  Dim3 grid, block;
  std::vector<std::vector<char>> arguments;

  void take(void** from) {
    arguments.clear();
    for (size_t size : kernel->sizes()) {
      const char* argument = static_cast<const char*>(*from++);
      arguments.emplace_back(argument, argument + size);
    }
  }

  int run() {
    std::vector<void*> addresses;
    for (auto& argument : arguments) addresses.push_back(argument.data());
    return gradus_fake::run_kernel(*kernel, grid, block, addresses.data());
  }
};

struct Node {
  std::function<int()> work;                // of a library's call
  std::shared_ptr<KernelCall> kernel_call;  // or this
};

struct Graph {
  std::vector<std::unique_ptr<Node>> nodes;
};

struct Executable {
  std::vector<Node> nodes;
  std::map<const Node*, size_t> places;  // of the graph's nodes
};

thread_local Graph* captured = nullptr;

std::atomic<int> captures = 0;  // of all threads; whatever their devices

// What FAKE_CUDA_REFUSES says of graphs.
bool refuses(const char* what) {
  const char* refused = getenv("FAKE_CUDA_REFUSES");
  return refused && !strcmp(refused, what);
}

// With FAKE_CUDA_IDLE=1 nothing is computed: what is left is the time of whoever calls.
bool is_idle() {
  static const bool idle = getenv("FAKE_CUDA_IDLE") != nullptr;
  return idle;
}

// As it lies in cuda.h.
struct KernelParameters {
  void* function;
  unsigned grid[3], block[3], shared_bytes;
  void** arguments;
  void** extra;
  void* kernel;
  void* context;
};

}  // namespace

namespace gradus_fake {

bool is_capturing() { return captured; }

bool is_captured_somewhere() { return captures > 0; }

int wait_for_device() { return is_captured_somewhere() ? kNotInACapture : broken(); }

int submit(std::function<int()> work) {
  if (!captured) {
    occupy();
    return is_idle() ? kSuccess : work();
  }
  captured->nodes.push_back(std::make_unique<Node>(Node{std::move(work), nullptr}));
  return kSuccess;
}

int submit_kernel(const Kernel& kernel, Dim3 grid, Dim3 block, void** arguments) {
  if (!captured) {
    occupy();
    return is_idle() ? kSuccess : run_kernel(kernel, grid, block, arguments);
  }
  auto call = std::make_shared<KernelCall>(KernelCall{&kernel, grid, block, {}});
  call->take(arguments);
  captured->nodes.push_back(std::make_unique<Node>(Node{nullptr, call}));
  return kSuccess;
}

}  // namespace gradus_fake

EXPORT int cudaStreamBeginCapture(void*, int mode) {
  if (captured) return kIllegalCapture;
  if (refuses("recording")) return gradus_fake::fail(kNotInACapture);
  if (mode != kThreadLocal) gradus_fake::die("a capture must refuse what would happen once, and not with each launch, to its own thread alone");
  captures++;
  captured = new Graph;
  return kSuccess;
}

EXPORT int cudaStreamEndCapture(void*, void** graph) {
  if (!captured) return kIllegalCapture;
  usleep(200);  // long enough for other threads to come between
  captures--;
  *graph = std::exchange(captured, nullptr);
  gradus_fake::count_handles(1);
  return kSuccess;
}

EXPORT int cudaStreamGetCaptureInfo(void*, int* status, unsigned long long* id, void**, void*** newest, void** edges,
                                    size_t* count) {
  thread_local void* node;
  if (!captured || captured->nodes.empty()) return kIllegalCapture;
  node = captured->nodes.back().get();
  *status = 1;
  *id = 1;
  *newest = &node;
  *edges = nullptr;
  *count = 1;
  return kSuccess;
}

EXPORT int cudaGraphInstantiate(void** executable, Graph* graph, unsigned long long flags) {
  if (flags) return kInvalidValue;
  auto made = new Executable;
  for (auto& node : graph->nodes) {
    made->places[node.get()] = made->nodes.size();
    made->nodes.push_back({node->work, node->kernel_call ? std::make_shared<KernelCall>(*node->kernel_call) : nullptr});
  }
  *executable = made;
  gradus_fake::count_handles(1);
  return kSuccess;
}

EXPORT int cuGraphExecKernelNodeSetParams_v2(Executable* executable, Node* node, const KernelParameters* p) {
  auto place = executable->places.find(node);
  if (place == executable->places.end() || p->extra || p->kernel || p->shared_bytes) return kInvalidValue;
  auto& call = executable->nodes[place->second].kernel_call;
  Dim3 grid{p->grid[0], p->grid[1], p->grid[2]}, block{p->block[0], p->block[1], p->block[2]};
  if (!call || call->kernel != p->function || memcmp(&grid, &call->grid, sizeof grid) || memcmp(&block, &call->block, sizeof block)) {
    return kInvalidValue;
  }
  call->take(p->arguments);
  return kSuccess;
}

// The name by which a program asks whether the library has it.
EXPORT int cuGraphExecKernelNodeSetParams(Executable* executable, Node* node, const KernelParameters* p) {
  return cuGraphExecKernelNodeSetParams_v2(executable, node, p);
}

EXPORT int cudaGraphLaunch(Executable* executable, void* stream) {
  gradus_fake::computes_on(stream);
  if (captured) return kNotInACapture;
  if (refuses("launching")) return gradus_fake::fail(kOutOfMemory);
  if (int status = gradus_fake::broken()) return status;
  gradus_fake::occupy();
  if (is_idle()) return kSuccess;
  for (auto& node : executable->nodes) {
    if ((node.kernel_call ? node.kernel_call->run() : node.work()) != 0) return kLaunchFailed;
  }
  return kSuccess;
}

EXPORT int cudaGraphExecDestroy(Executable* executable) {
  gradus_fake::count_handles(-1);
  delete executable;
  return kSuccess;
}

EXPORT int cudaGraphDestroy(Graph* graph) {
  gradus_fake::count_handles(-1);
  delete graph;
  return kSuccess;
}
