// The input and the output of a convolution, or their gradients.
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

  // f(the values).
  template <class F>
  void visit(const F& f) const {
    packed ? f(as<uint16_t>()) : f(as<float>());
  }
};

// Likewise.
struct Output {
  void* values;
  bool packed = false;

  Output(float* floats) : values(floats) {}  // NOLINT: what most outputs are
  explicit Output(uint16_t* halves) : values(halves), packed(true) {}

  template <class E>
  E* as() const {
    return static_cast<E*>(values);
  }

  template <class F>
  void visit(const F& f) const {
    packed ? f(as<uint16_t>()) : f(as<float>());
  }
};

}  // namespace gradus
