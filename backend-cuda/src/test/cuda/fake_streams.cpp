// Streams and the events between them. What a thread asks of its device's kernels is done at once; what NCCL is to do beside them as late as
// it can be, so that nobody has its result who does not wait for it. See fake_cuda.cpp.
#include <memory>
#include <mutex>

#include "fake_device.h"

using gradus_fake::die;
using gradus_fake::require_no_capture;

namespace {

enum { kSuccess = 0 };

// Of all ranks of NCCL together.
struct Together {
  std::function<void()> work;
  bool done = false;
};

struct Stream {
  bool computes = false;
  bool follows = false;  // all that its device's kernels were asked to do when it was last told to wait
  std::vector<std::shared_ptr<Together>> waiting;
};

struct Event {
  bool recorded = false;
  uint64_t asked = 0;  // by the thread that recorded it, until then
  std::vector<std::shared_ptr<Together>> behind;
};

// Whether this thread has asked for work that it has not waited for since. Others may be at work on streams of their own.
thread_local bool busy = false;
thread_local uint64_t asked = 0;

std::recursive_mutex mutex;  // of streams, events, and what waits on them

void finish(std::vector<std::shared_ptr<Together>>& works) {
  std::lock_guard lock(mutex);
  for (auto& one : works) {
    if (!one->done) one->work();
    one->done = true;
  }
  works.clear();
}

template <typename Handle>
int create(Handle** handle) {
  gradus_fake::count_handles(1);
  *handle = new Handle();
  return kSuccess;
}

template <typename Handle>
int destroy(Handle* handle) {
  gradus_fake::count_handles(-1);
  delete handle;
  return kSuccess;
}

}  // namespace

namespace gradus_fake {

void occupy() {
  busy = true;
  asked++;
}

bool is_busy() { return busy; }

void computes_on(void* stream) {
  if (stream) static_cast<Stream*>(stream)->computes = true;
}

void submit_together(const std::vector<void*>& streams, std::function<void()> work) {
  std::lock_guard lock(mutex);
  auto together = std::make_shared<Together>(Together{std::move(work)});
  bool at_once = true;
  for (void* handle : streams) {
    auto stream = static_cast<Stream*>(handle);
    if (!stream->computes && !stream->follows) die("NCCL is to read what kernels may still write: its stream does not wait for theirs");
    at_once &= stream->computes;
  }
  for (void* handle : streams) {
    auto stream = static_cast<Stream*>(handle);
    if (at_once) finish(stream->waiting);  // one call of a communicator after the other
    stream->follows = false;
    stream->waiting.push_back(together);
  }
  if (at_once) finish(static_cast<Stream*>(streams[0])->waiting);
}

}  // namespace gradus_fake

EXPORT int cudaStreamCreateWithFlags(Stream** stream, unsigned) { return create(stream); }

EXPORT int cudaStreamDestroy(Stream* stream) { return destroy(stream); }

EXPORT int cudaStreamSynchronize(Stream* stream) {
  require_no_capture("cudaStreamSynchronize");
  if (int status = gradus_fake::broken()) return gradus_fake::fail(status);
  finish(stream->waiting);
  busy = false;
  return kSuccess;
}

EXPORT int cudaStreamWaitEvent(Stream* stream, Event* event, unsigned) {
  require_no_capture("cudaStreamWaitEvent");
  if (!event->recorded) die("a stream is to wait for an event that has not been recorded");
  finish(event->behind);
  stream->follows = event->asked == asked;
  return kSuccess;
}

EXPORT int cudaEventCreateWithFlags(Event** event, unsigned) { return create(event); }
EXPORT int cudaEventDestroy(Event* event) { return destroy(event); }

// An event that nobody has recorded is behind nothing: waiting for it does not wait.
EXPORT int cudaEventRecord(Event* event, Stream* stream) {
  require_no_capture("cudaEventRecord");
  std::lock_guard lock(mutex);
  *event = {true, asked, stream->waiting};
  return kSuccess;
}

EXPORT int cudaEventSynchronize(Event* event) {
  require_no_capture("cudaEventSynchronize");
  if (!event->recorded) die("an event is waited for that has not been recorded");
  finish(event->behind);
  return kSuccess;
}
