// Memory, random numbers, plain tensors and their way into and out of lanes.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

namespace gradus::test {

// Memory of exactly the size asked for, aligned as the backend's, filled with NaN.
template <class T>
class Block {
 public:
  explicit Block(size_t count) : count_(count), data_(static_cast<T*>(std::aligned_alloc(64, (count * sizeof(T) + 63) / 64 * 64))) {
    std::memset(data_.get(), 0xff, count * sizeof(T));
  }
  T* get() const { return data_.get(); }
  T& operator[](size_t i) const { return data_.get()[i]; }
  size_t count() const { return count_; }
  size_t bytes() const { return count_ * sizeof(T); }

 private:
  struct Free {
    void operator()(T* p) const { std::free(p); }
  };
  size_t count_;
  std::unique_ptr<T, Free> data_;
};
using Floats = Block<float>;

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ull + 1) {}
  uint32_t next() {
    state_ = state_ * 6364136223846793005ull + 1442695040888963407ull;
    return static_cast<uint32_t>(state_ >> 33);
  }
  int between(int low, int high) { return low + static_cast<int>(next() % static_cast<uint32_t>(high - low + 1)); }
  float real() { return static_cast<float>(next() % 20001) / 10000 - 1; }

 private:
  uint64_t state_;
};

// A plain [n,c,h,w] tensor and its way into and out of lanes.
struct Plain {
  int n, c, h, w;
  std::vector<double> v;
  Plain(int n, int c, int h, int w) : n(n), c(c), h(h), w(w), v(static_cast<size_t>(n) * c * h * w) {}
  double& at(int i, int j, int y, int x) { return v[((static_cast<size_t>(i) * c + j) * h + y) * w + x]; }
};

inline size_t lane_index(const Plain& p, int lanes, int i, int j, int y, int x) {
  return ((((static_cast<size_t>(i) / lanes * p.c + j) * p.h + y) * p.w) + x) * lanes + i % lanes;
}
inline size_t lane_count(const Plain& p, int lanes) { return static_cast<size_t>((p.n + lanes - 1) / lanes) * p.c * p.h * p.w * lanes; }

template <class T>
inline void each(const Plain& p, const T& f) {
  for (int i = 0; i < p.n; i++)
    for (int j = 0; j < p.c; j++)
      for (int y = 0; y < p.h; y++)
        for (int x = 0; x < p.w; x++) f(i, j, y, x);
}

// idle: what the lanes beyond n hold.
inline void to_lanes(Plain& p, int lanes, float idle, const Floats& out) {
  for (size_t i = 0; i < out.count(); i++) out[i] = idle;
  each(p, [&](int i, int j, int y, int x) { out[lane_index(p, lanes, i, j, y, x)] = static_cast<float>(p.at(i, j, y, x)); });
}

inline Floats dense(const std::vector<double>& v) {
  Floats f(v.size());
  for (size_t i = 0; i < v.size(); i++) f[i] = static_cast<float>(v[i]);
  return f;
}

inline std::vector<double> times(const std::vector<double>& v, double factor) {
  std::vector<double> r(v);
  for (double& e : r) e *= factor;
  return r;
}

inline Floats expanded(const Block<uint16_t>& halves) {
  Floats floats(halves.count());
  for (size_t i = 0; i < halves.count(); i++) {
    const uint32_t bits = static_cast<uint32_t>(halves[i]) << 16;
    std::memcpy(&floats[i], &bits, 4);
  }
  return floats;
}

// To the nearest number that bfloat16 holds, of two the even one.
inline Block<uint16_t> rounded(const Floats& floats) {
  Block<uint16_t> halves(floats.count());
  for (size_t i = 0; i < floats.count(); i++) {
    uint32_t bits;
    std::memcpy(&bits, &floats[i], 4);
    halves[i] = static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
  }
  return halves;
}

}  // namespace gradus::test
