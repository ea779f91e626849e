// NCCL between threads of this process: each call waits until every rank has made it, and the last one to come does the work. See fake_cuda.cpp.
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <vector>

#include "fake_device.h"

namespace {

enum { kOk = 0, kInvalidArgument = 4, kInvalidUsage = 5, kRemoteError = 6, kFloat32 = 7, kSum = 0 };

struct Group {
  std::mutex mutex;
  std::condition_variable all_came;
  size_t size = 0, came = 0, communicators = 0;
  long meeting = 0;
  bool aborted = false;
  std::vector<float*> buffers;
  std::vector<size_t> counts;
};

struct Communicator {
  Group* group;
  size_t rank;
  int device;
};

// Checks what every rank must get right, and waits for the others; the last one runs work(buffers, count).
template <class F>
int meet(Communicator* c, const void* send, void* receive, size_t count, int type, int root, const F& work) {
  if (send != receive || type != kFloat32 || root != 0) return kInvalidArgument;
  if (gradus_fake::current_device() != c->device) gradus_fake::die("NCCL is called while another device is the thread's");
  gradus_fake::require_device(send, 4 * count, "a buffer of NCCL");
  Group& g = *c->group;
  std::unique_lock lock(g.mutex);
  g.buffers[c->rank] = static_cast<float*>(receive);
  g.counts[c->rank] = count;
  long meeting = g.meeting;
  if (++g.came == g.size) {
    for (size_t other : g.counts) {
      if (other != count) gradus_fake::die("ranks of NCCL disagree on the size");
    }
    work(g.buffers, count);
    g.came = 0;
    g.meeting++;
    g.all_came.notify_all();
  } else {
    g.all_came.wait(lock, [&] { return g.aborted || g.meeting != meeting; });
  }
  return g.aborted && g.meeting == meeting ? kRemoteError : kOk;
}

int leave(Communicator* c, bool abort) {
  bool last;
  {
    std::lock_guard lock(c->group->mutex);
    c->group->aborted |= abort;
    last = --c->group->communicators == 0;
    c->group->all_came.notify_all();
  }
  if (last && !abort) delete c->group;  // after an abort somebody may still be waking up
  gradus_fake::count_handles(-1);
  delete c;
  return kOk;
}

}  // namespace

EXPORT int ncclGetVersion(int* version) { *version = 22703; return kOk; }
EXPORT const char* ncclGetErrorString(int) { return "fake NCCL error"; }

EXPORT int ncclCommInitAll(Communicator** communicators, int size, const int* devices) {
  for (int i = 0; i < size; i++) {
    for (int j = 0; j < i; j++) {
      if (devices[i] == devices[j]) return kInvalidUsage;
    }
  }
  auto* group = new Group;
  group->size = group->communicators = size;
  group->buffers.resize(size);
  group->counts.resize(size);
  for (int i = 0; i < size; i++) {
    communicators[i] = new Communicator{group, (size_t)i, devices[i]};
    gradus_fake::count_handles(1);
  }
  return kOk;
}

EXPORT int ncclCommDestroy(Communicator* c) { return leave(c, false); }
EXPORT int ncclCommAbort(Communicator* c) { return leave(c, true); }

EXPORT int ncclBroadcast(const void* send, void* receive, size_t count, int type, int root, Communicator* c, void*) {
  return meet(c, send, receive, count, type, root, [](const std::vector<float*>& buffers, size_t n) {
    for (float* buffer : buffers) memmove(buffer, buffers[0], 4 * n);
  });
}

EXPORT int ncclReduce(const void* send, void* receive, size_t count, int type, int operation, int root, Communicator* c, void*) {
  if (operation != kSum) return kInvalidArgument;
  return meet(c, send, receive, count, type, root, [](const std::vector<float*>& buffers, size_t n) {
    for (size_t r = 1; r < buffers.size(); r++) {
      for (size_t i = 0; i < n; i++) buffers[0][i] += buffers[r][i];
    }
  });
}
