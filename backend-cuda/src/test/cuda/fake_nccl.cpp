// NCCL for one thread that makes the calls of all ranks as a group, which is how this module uses it. See fake_cuda.cpp.
#include <cstdlib>
#include <cstring>
#include <functional>
#include <vector>

#include "fake_device.h"

namespace {

enum { kOk = 0, kCudaError = 1, kInvalidArgument = 4, kInvalidUsage = 5, kFloat32 = 7, kSum = 0 };

struct Clique {
  size_t size = 0, communicators = 0;
};

struct Communicator {
  Clique* clique;
  size_t rank;
  int device;
};

using Work = std::function<void(const std::vector<float*>&, size_t)>;

thread_local int depth = 0;
thread_local Clique* called = nullptr;
thread_local std::vector<float*> buffers;  // of the ranks that have called in this group
thread_local std::vector<void*> streams;   // of these
thread_local size_t count_of_all = 0;
thread_local Work work_of_all;

// Checks what every rank must get right, and keeps it for the end of the group.
int call(Communicator* c, const void* send, void* receive, size_t count, int type, int root, void* stream, Work work) {
  if (send != receive || type != kFloat32 || root != 0) return kInvalidArgument;
  if (depth == 0) gradus_fake::die("a call of NCCL that is in no group may wait for others forever");
  gradus_fake::require_on_device(c->device, send, 4 * count, "a buffer of NCCL");
  if (called && (called != c->clique || count_of_all != count)) gradus_fake::die("ranks of NCCL disagree");
  if (buffers.size() != c->rank) gradus_fake::die("a rank of NCCL is missing, or calls twice");
  called = c->clique;
  count_of_all = count;
  work_of_all = std::move(work);
  buffers.push_back(static_cast<float*>(receive));
  streams.push_back(stream);
  return kOk;
}

int leave(Communicator* c) {
  if (gradus_fake::is_captured_somewhere()) return kCudaError;
  if (--c->clique->communicators == 0) delete c->clique;
  gradus_fake::count_handles(-1);
  delete c;
  return kOk;
}

}  // namespace

EXPORT int ncclGroupStart() {
  depth++;
  return kOk;
}

EXPORT int ncclGroupEnd() {
  if (--depth > 0 || !called) return kOk;
  if (buffers.size() != called->size) gradus_fake::die("a rank of NCCL has not called: the others would wait forever");
  gradus_fake::submit_together(streams, [work = work_of_all, of = buffers, n = count_of_all] { work(of, n); });
  gradus_fake::occupy();
  called = nullptr;
  buffers.clear();
  streams.clear();
  return kOk;
}

EXPORT int ncclGetVersion(int* version) { *version = 22703; return kOk; }
EXPORT const char* ncclGetErrorString(int) { return "fake NCCL error"; }

EXPORT int ncclCommInitAll(Communicator** communicators, int size, const int* devices) {
  if (const char* status = getenv("FAKE_NCCL_STATUS")) return atoi(status);
  for (int i = 0; i < size; i++) {
    for (int j = 0; j < i; j++) {
      if (devices[i] == devices[j]) return kInvalidUsage;
    }
  }
  if (gradus_fake::is_captured_somewhere()) return kCudaError;
  auto* clique = new Clique{(size_t)size, (size_t)size};
  for (int i = 0; i < size; i++) {
    communicators[i] = new Communicator{clique, (size_t)i, devices[i]};
    gradus_fake::count_handles(1);
  }
  return kOk;
}

EXPORT int ncclCommDestroy(Communicator* c) { return leave(c); }
EXPORT int ncclCommAbort(Communicator* c) { return leave(c); }

EXPORT int ncclBroadcast(const void* send, void* receive, size_t count, int type, int root, Communicator* c, void* stream) {
  return call(c, send, receive, count, type, root, stream, [](const std::vector<float*>& of, size_t n) {
    for (float* buffer : of) memmove(buffer, of[0], 4 * n);
  });
}

EXPORT int ncclReduce(const void* send, void* receive, size_t count, int type, int operation, int root, Communicator* c, void* stream) {
  if (operation != kSum) return kInvalidArgument;
  return call(c, send, receive, count, type, root, stream, [](const std::vector<float*>& of, size_t n) {
    for (size_t r = 1; r < of.size(); r++) {
      for (size_t i = 0; i < n; i++) of[0][i] += of[r][i];
    }
  });
}
