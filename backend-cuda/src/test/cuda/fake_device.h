// What the parts of the fake CUDA share. Threads may each drive a device of their own; kernels run one at a time.
#pragma once
#include <cstddef>
#include <string>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace gradus_fake {

[[noreturn]] void die(const std::string& what);

// The calling thread's.
int current_device();

// Ends the process unless [p, p + bytes) lies in one block of the calling thread's device.
void require_device(const void* p, size_t bytes, const char* what);

// Streams, handles and the like that are there and must be destroyed.
void count_handles(int more);

}  // namespace gradus_fake
