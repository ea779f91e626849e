// Weights in the arrangement a kernel reads them, kept from call to call until the memory they were made of changes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gradus {

class WeightCache {
 public:
  struct Kept {
    const char *begin, *end;  // the weights
    int64_t arrangement;
    float* arranged;
    bool current;  // whoever has filled `arranged` sets it
  };

  WeightCache() = default;
  ~WeightCache();
  WeightCache(const WeightCache&) = delete;
  WeightCache& operator=(const WeightCache&) = delete;

  // The arrangement of that number of the `count` weights at w, in memory of `floats`, 64-byte aligned. What is returned
  // lives until the next call of anything here. Throws std::bad_alloc.
  Kept& of(const float* w, int64_t count, int64_t arrangement, size_t floats);

  // Something has been written to these bytes.
  void touched(const void* begin, int64_t bytes) {
    const char* first = static_cast<const char*>(begin);
    if (first < highest_ && first + bytes > lowest_) expire(first, first + bytes);
  }

  // These bytes are being freed.
  void forget(const void* begin, int64_t bytes);

 private:
  void expire(const char* begin, const char* end);

  std::vector<Kept> kept_;
  const char* lowest_ = reinterpret_cast<const char*>(UINTPTR_MAX);  // all weights lie between these two
  const char* highest_ = nullptr;
};

}  // namespace gradus
