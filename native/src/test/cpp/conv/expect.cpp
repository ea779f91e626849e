#include "expect.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace gradus::test {

int failures = 0, comparisons = 0;
double largest_winograd_error = 0;

void fail(const std::string& what) {
  if (++failures <= 20) std::printf("FAILED %s\n", what.c_str());
}

void expect(Plain& want, int lanes, const Floats& got, const std::string& what) {
  comparisons++;
  int shown = 0;
  each(want, [&](int i, int j, int y, int x) {
    const float g = got[lane_index(want, lanes, i, j, y, x)];
    const double w = want.at(i, j, y, x);
    if (!(static_cast<double>(g) == w || (std::isnan(g) && std::isnan(w))) && shown++ == 0) {
      char t[160];
      std::snprintf(t, sizeof t, " at [%d,%d,%d,%d]: %g instead of %g", i, j, y, x, g, w);
      fail(what + t);
    }
  });
}

void expect(const std::vector<double>& want, const Floats& got, const std::string& what) {
  comparisons++;
  for (size_t i = 0; i < want.size(); i++) {
    if (static_cast<double>(got[i]) == want[i]) continue;
    char t[160];
    std::snprintf(t, sizeof t, " at %zu: %g instead of %g", i, got[i], want[i]);
    return fail(what + t);
  }
}

void expect_idle(const Plain& p, int lanes, const Floats& got, bool zero, const std::string& what) {
  for (size_t i = 0; i < got.count(); i++) {
    const size_t group = i / (static_cast<size_t>(p.c) * p.h * p.w * lanes);
    if (static_cast<int>(group) * lanes + static_cast<int>(i % lanes) < p.n) continue;
    if (zero ? got[i] != 0 : !std::isfinite(got[i])) return fail(what + ": a lane beyond n holds " + std::to_string(got[i]));
  }
}

double error(Plain& want, int lanes, const Floats& got) {
  double largest = 0, squares = 0;
  each(want, [&](int i, int j, int y, int x) {
    const double w = want.at(i, j, y, x), difference = std::abs(got[lane_index(want, lanes, i, j, y, x)] - w);
    largest = std::isnan(difference) ? HUGE_VAL : std::max(largest, difference);
    squares += w * w;
  });
  const double mean = std::sqrt(squares / static_cast<double>(want.v.size()));
  return mean == 0 ? largest : largest / mean;
}

double error(const std::vector<double>& want, const Floats& got) {
  double largest = 0, squares = 0;
  for (size_t i = 0; i < want.size(); i++) {
    const double difference = std::abs(got[i] - want[i]);
    largest = std::isnan(difference) ? HUGE_VAL : std::max(largest, difference);
    squares += want[i] * want[i];
  }
  const double mean = std::sqrt(squares / static_cast<double>(want.size()));
  return mean == 0 ? largest : largest / mean;
}

void expect_near(double e, double bound, const std::string& what) {
  comparisons++;
  largest_winograd_error = std::max(largest_winograd_error, e);
  if (!(e < bound)) fail(what + ": error " + std::to_string(e));
}

void expect_near(double e, const std::string& what) { expect_near(e, 1e-4, what); }

}  // namespace gradus::test
