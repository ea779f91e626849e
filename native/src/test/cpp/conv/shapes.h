// The convolutions that are compared.
#pragma once
#include <cstdint>
#include <vector>

#include "../../../main/cpp/specs.h"

namespace gradus::test {

// Which comparisons are made.
struct Selection {
  bool small;              // only shapes that are quick
  int others, winograds;   // so many shapes of random numbers
  uint64_t emulatedEvery;  // of the shapes for tiles computed in memory
  bool alone;              // on one thread, too
};

std::vector<Conv2dSpec> shapes(const Selection& selection);

// Rows as long as a tile and longer, and more filters than lanes.
std::vector<Conv2dSpec> filter_shapes(const Selection& selection);

std::vector<Conv2dSpec> winograd_shapes(const Selection& selection);

}  // namespace gradus::test
