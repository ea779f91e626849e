// The input of a convolution.
#pragma once
#include <cstdint>

namespace gradus {

// Floats, or bfloat16 values in the place of each.
struct Input {
  const void* values;
  bool packed = false;

  Input(const float* floats) : values(floats) {}  // NOLINT: what most inputs are
  explicit Input(const uint16_t* halves) : values(halves), packed(true) {}

  template <class E>
  const E* as() const {
    return static_cast<const E*>(values);
  }
};

}  // namespace gradus
