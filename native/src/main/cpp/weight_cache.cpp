#include "weight_cache.h"

#include <cstdlib>
#include <new>

namespace gradus {

WeightCache::~WeightCache() {
  for (const Kept& kept : kept_) std::free(kept.arranged);
}

WeightCache::Kept& WeightCache::of(const float* w, int64_t count, int64_t arrangement, size_t floats) {
  const char* begin = reinterpret_cast<const char*>(w);
  const char* end = begin + count * static_cast<int64_t>(sizeof(float));
  for (Kept& kept : kept_) {
    if (kept.begin == begin && kept.end == end && kept.arrangement == arrangement) return kept;
  }
  kept_.reserve(kept_.size() + 1);  // so that nothing can fail once there is memory to lose
  float* arranged = static_cast<float*>(std::aligned_alloc(64, (floats * sizeof(float) + 63) / 64 * 64));
  if (arranged == nullptr) throw std::bad_alloc();
  kept_.push_back(Kept{begin, end, arrangement, arranged, false});
  if (begin < lowest_) lowest_ = begin;
  if (end > highest_) highest_ = end;
  return kept_.back();
}

void WeightCache::expire(const char* begin, const char* end) {
  for (Kept& kept : kept_) {
    if (kept.begin < end && kept.end > begin) kept.current = false;
  }
}

void WeightCache::forget(const void* memory, int64_t bytes) {
  const char* begin = static_cast<const char*>(memory);
  if (begin >= highest_ || begin + bytes <= lowest_) return;
  size_t left = 0;
  for (const Kept& kept : kept_) {
    if (kept.begin < begin + bytes && kept.end > begin) {
      std::free(kept.arranged);
    } else {
      kept_[left++] = kept;
    }
  }
  kept_.resize(left);
  if (left == 0) {
    lowest_ = reinterpret_cast<const char*>(UINTPTR_MAX);
    highest_ = nullptr;
  }
}

}  // namespace gradus
