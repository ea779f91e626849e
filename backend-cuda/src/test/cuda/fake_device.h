// What the parts of the fake CUDA share. Threads may each drive a device of their own; kernels run one at a time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace gradus_fake {

[[noreturn]] void die(const std::string& what);

// Ends the process unless [p, p + bytes) lies in one block of the calling thread's device.
void require_device(const void* p, size_t bytes, const char* what);

// The same of another device.
void require_on_device(int device, const void* p, size_t bytes, const char* what);

// Does work that is asked for on a stream: at once, or when the graph is launched that this thread is capturing.
int submit(std::function<int()> work);

// Ends the process if this thread is capturing: what waits or allocates has no place in a graph.
void require_no_capture(const char* what);

bool is_capturing();

// The same of any thread.
bool is_captured_somewhere();

// What a call returns that waits for the whole device: an error where some thread is capturing.
int wait_for_device();

// 0, or the error that every call returns once a kernel broke the device.
int broken();

// What a call of the runtime returns, to be told once more by cudaGetLastError.
int fail(int status);

// The calling thread has work under way, until it waits for its stream.
void occupy();
bool is_busy();

// Kernels and copies are asked for on this stream, one thread's at a time.
void computes_on(void* stream);

// NCCL's work for all ranks together, each on a stream: it must be one of kernels, or one that waits for all that the device's kernels were
// asked to do. It is done as late as it can be: when somebody waits for one of the streams.
void submit_together(const std::vector<void*>& streams, std::function<void()> work);

// Streams, handles and the like that are there and must be destroyed.
void count_handles(int more);

// One of which nothing is known but that it is there.
int create(void** handle);
int destroy(void* handle);

// A factor as tensor cores take it in TensorFloat-32: 10 bits behind the point, the rest cut off.
inline float cut_to_tf32(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  bool nan = value != value;
  bits &= nan ? ~0u : ~0x1fffu;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace gradus_fake
