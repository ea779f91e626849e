// Comparisons, and the count of those that failed.
#pragma once
#include <string>
#include <vector>

#include "tensors.h"

namespace gradus::test {

extern int failures, comparisons;
extern double largest_winograd_error;

void fail(const std::string& what);

void expect(Plain& want, int lanes, const Floats& got, const std::string& what);
void expect(const std::vector<double>& want, const Floats& got, const std::string& what);
void expect_idle(const Plain& p, int lanes, const Floats& got, bool zero, const std::string& what);

template <class T>
void expect_same(const Block<T>& a, const Block<T>& b, const std::string& what) {
  comparisons++;
  if (std::memcmp(a.get(), b.get(), a.bytes()) != 0) fail(what + ": other bits than with one thread");
}

// The largest difference, over the root mean square of what is wanted.
double error(Plain& want, int lanes, const Floats& got);
double error(const std::vector<double>& want, const Floats& got);

// Transforms round, so integers are no help: real numbers, and an error a hundredth of half precision's, or what bfloat16 costs.
void expect_near(double e, double bound, const std::string& what);
void expect_near(double e, const std::string& what);

}  // namespace gradus::test
