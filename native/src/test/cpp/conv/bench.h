// GFLOP/s on the layers of the benchmark networks beside the machine's multiply-add peak.
#pragma once
#include <string>

#include "kernels.h"

namespace gradus::test {

// only: the start of the names of the layers that are measured
void bench(const Tier& tier, int threads, const std::string& only);

}  // namespace gradus::test
