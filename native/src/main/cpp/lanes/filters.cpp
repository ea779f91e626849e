#include "filters.h"

#include <cstring>

#include "plan.h"

namespace gradus::GRADUS_TIER_NAMESPACE {
namespace {

// A tile is some vectors of filters times some pixels, all sums in registers. Wide ones read each weight for more pixels,
// narrow ones each pixel for two vectors of filters.
constexpr int kWidePixels = kManyRegisters ? 16 : 8, kNarrowPixels = kWidePixels / 2;
constexpr int kNarrowVectors = 2;

// Kernels wider than this are gathered.
constexpr int kMostColumns = 16;

// Weights larger than this are read once for several images rather than once for each.
constexpr int64_t kHeavyFloats = 512 * 1024 / 4;
constexpr int kMostTogether = 4;

// Worker's copies of input beyond this size leave the second-level cache.
constexpr int64_t kCopyFloats = 256 * 1024 / 4;

typedef float Loose __attribute__((vector_size(4 * GRADUS_LANES), aligned(4), may_alias));

// The shape of the work, a function of the spec alone.
struct FilterPlan : Geometry {
  explicit FilterPlan(const Conv2dSpec& spec)
      : Geometry(spec),
        pixels(outH * outW),
        taps(inputs * r * s),
        vectors(ceil_div(filters, kLanes)),
        alongRows(s <= kMostColumns && outW >= kNarrowPixels && (strideW == 1 || s > 1)),
        wide(prefersWide()),
        tilePixels(wide ? kWidePixels : kNarrowPixels),
        blockVectors(wide ? 1 : kNarrowVectors),
        blocks(ceil_div(vectors, blockVectors)),
        together(packed_floats() > kHeavyFloats ? min(n, kMostTogether) : 1),
        copied(!alongRows || strideW > 1 || padTop > 0 || padLeft > 0 || padBottom > 0 || padRight > 0) {}

  const int pixels, taps, vectors;
  const bool alongRows;  // tiles lie in one row of the image, else in a list of gathered pixels
  const bool wide;
  const int tilePixels, blockVectors;
  const int blocks;  // of blockVectors vectors of filters, in each group; the last may have one
  const int together;  // images of one task
  const bool copied;   // tiles read a copy of the input

  int vectors_of(int block) const { return min(blockVectors, vectors - block * blockVectors); }
  int64_t packed_floats() const { return static_cast<int64_t>(groups) * vectors * taps * kLanes; }
  const float* weights_of(const float* packed, int group, int block) const {
    return packed + (static_cast<int64_t>(group) * vectors + block * blockVectors) * taps * kLanes;
  }
  int line() const { return alongRows ? outW : pixels; }

 private:
  bool prefersWide() const {
    const int length = alongRows ? outW : pixels;
    if (alongRows && outW < kWidePixels) return false;
    const int wideCost = ceil_div(length, kWidePixels) * kWidePixels;
    const int narrowCost = ceil_div(length, kNarrowPixels) * kNarrowPixels;
    const bool oneVector = filters <= kLanes;
    if (oneVector || !alongRows) return wideCost * 9 <= narrowCost * 10;
    return false;
  }
};

// How the taps of one tile lie in memory, in floats.
struct Taps {
  int channels, rows, columns;
  int64_t channelStep, rowStep;
  int64_t column[kMostColumns];  // where each column of a row of taps begins
};

template <int N, int P>
GRADUS_INLINE void sum_taps(Vector (&sum)[N][P], const Taps& t, const float* source, const float* weights) {
  for (int c = 0; c < t.channels; c++, source += t.channelStep) {
    const float* row = source;
    for (int i = 0; i < t.rows; i++, row += t.rowStep) {
      for (int j = 0; j < t.columns; j++, weights += N * kLanes) {
        const float* tap = row + t.column[j];
        Vector w[N];
#pragma GCC unroll 4
        for (int q = 0; q < N; q++) w[q] = load(weights + q * kLanes);
#pragma GCC unroll 16
        for (int p = 0; p < P; p++) {
          const Vector x = broadcast(tap[p]);
#pragma GCC unroll 4
          for (int q = 0; q < N; q++) sum[q][p] += w[q] * x;
        }
      }
    }
  }
}

// Where the sums of a tile go.
struct Target {
  float* y;               // the tile's first pixel of its first filter
  const float* residual;  // the same place, or null
  const float* bias;      // of the first filter, or null
  int64_t filterStep;
  int filters, pixels;  // that count
  bool relu;
};

// `Pixels` pixels of one filter, from a place in a vector on.
template <int Pixels>
struct Piece {
  typedef float Type __attribute__((vector_size(4 * Pixels)));
  typedef float LooseType __attribute__((vector_size(4 * Pixels), aligned(4), may_alias));
};

template <int N, int P>
GRADUS_INLINE void store_tile(Vector (&sum)[N][P], const Target& t) {
  constexpr int kTogether = P < kLanes ? kLanes / P : 1;  // vectors of filters transposed at once
  constexpr int kEach = kTogether < N ? kTogether : N;
  constexpr int kRun = P < kLanes ? P : kLanes;  // pixels a transposed vector has of a filter
#pragma GCC unroll 4
  for (int first = 0; first < N; first += kEach) {
#pragma GCC unroll 4
    for (int run = 0; run < P; run += kRun) {
      Vector v[kLanes];
#pragma GCC unroll 16
      for (int i = 0; i < kLanes; i++) {
        const int q = first + i / kRun;
        v[i] = q < N ? sum[q < N ? q : 0][run + i % kRun] : zero();
      }
      transpose(v);
#pragma GCC unroll 4
      for (int together = 0; together < kEach; together++) {
#pragma GCC unroll 16
        for (int j = 0; j < kLanes; j++) {
          const int filter = (first + together) * kLanes + j;
          if (filter >= t.filters) continue;
          typename Piece<kRun>::Type piece;
          memcpy(&piece, reinterpret_cast<const char*>(&v[j]) + together * kRun * 4, sizeof piece);
          const int64_t at = filter * t.filterStep + run;
          if (t.pixels >= run + kRun) {
            using LoosePiece = typename Piece<kRun>::LooseType;
            if (t.residual != nullptr) piece += *reinterpret_cast<const LoosePiece*>(t.residual + at);
            if (t.relu) piece = 0.0f > piece ? typename Piece<kRun>::Type{} : piece;
            *reinterpret_cast<LoosePiece*>(t.y + at) = piece;
          } else {
            for (int p = 0; run + p < t.pixels; p++) {
              float value = piece[p];
              if (t.residual != nullptr) value += t.residual[at + p];
              t.y[at + p] = t.relu && 0.0f > value ? 0.0f : value;
            }
          }
        }
      }
    }
  }
}

template <int N, int P>
void filter_tile(const Taps& taps, const float* source, const float* weights, const Target& target) {
  Vector sum[N][P];
#pragma GCC unroll 4
  for (int q = 0; q < N; q++) {
    Vector start = zero();
    if (target.bias != nullptr) {
      const int count = target.filters - q * kLanes;
      if (count >= kLanes) {
        start = *reinterpret_cast<const Loose*>(target.bias + q * kLanes);
      } else {
        memcpy(&start, target.bias + q * kLanes, static_cast<size_t>(count) * 4);
      }
    }
#pragma GCC unroll 16
    for (int p = 0; p < P; p++) sum[q][p] = start;
  }
  sum_taps(sum, taps, source, weights);
  store_tile(sum, target);
}

using TileKernel = void (*)(const Taps&, const float*, const float*, const Target&);

TileKernel tile_kernel(const FilterPlan& p, int vectors) {
  if (p.wide) return filter_tile<1, kWidePixels>;
  return vectors == 1 ? filter_tile<1, kNarrowPixels> : filter_tile<kNarrowVectors, kNarrowPixels>;
}

void copy_floats(float* to, const float* from, int count) {
  int i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    *reinterpret_cast<Loose*>(to + i) = *reinterpret_cast<const Loose*>(from + i);
  }
  for (; i < count; i++) to[i] = from[i];
}
void zero_floats(float* to, int count) {
  for (int i = 0; i < count; i++) to[i] = 0;
}

// Part of the input as the tiles read it. What a worker has copied serves its next tasks on the same band.
struct Copy {
  int64_t band;  // of all images, -1 for none
};
constexpr int64_t kCopyHeader = 64 / 4;  // floats before the copy

// Rows of the padded image that output rows [rows.begin, rows.end) meet: [channel][row][phase][column], where a phase
// holds every strideW-th column, so that neighbouring outputs meet neighbours.
struct RowsCopy {
  int height, columns, phases;

  RowsCopy(const FilterPlan& p, Range rows)
      : height((rows.end - rows.begin - 1) * p.strideH + (p.r - 1) * p.dilationH + 1),
        columns(ceil_div(p.w + p.padLeft + p.padRight, p.strideW)),
        phases(p.strideW) {}

  int64_t row_floats() const { return static_cast<int64_t>(columns) * phases; }
  int64_t floats(const FilterPlan& p) const { return p.c * height * row_floats(); }
  int64_t place(int column) const { return static_cast<int64_t>(column % phases) * columns + column / phases; }
};

// to[i] = from[step i].
void copy_every(float* to, const float* from, int count, int step) {
  int i = 0;
  if (step == 1) return copy_floats(to, from, count);
  if (step == 2) {
    Ints even{};
#pragma GCC unroll 16
    for (int lane = 0; lane < kLanes; lane++) even[lane] = 2 * lane;
    for (; i + kLanes < count; i += kLanes) {  // one more is there to read
      const Vector a = *reinterpret_cast<const Loose*>(from + 2 * i);
      const Vector b = *reinterpret_cast<const Loose*>(from + 2 * i + kLanes);
      *reinterpret_cast<Loose*>(to + i) = __builtin_shuffle(a, b, even);
    }
  }
  for (; i < count; i++) to[i] = from[static_cast<int64_t>(i) * step];
}

void copy_row(const FilterPlan& p, const RowsCopy& shape, const float* row, float* to) {
  for (int phase = 0; phase < shape.phases; phase++, to += shape.columns) {
    // Column i of the phase is column i * phases + phase of the padded row.
    const int begin = min(shape.columns, max(0, ceil_div(p.padLeft - phase, shape.phases)));
    const int end = max(begin, min(shape.columns, ceil_div(p.padLeft + p.w - phase, shape.phases)));
    zero_floats(to, begin);
    copy_every(to + begin, row + static_cast<int64_t>(begin) * shape.phases + phase - p.padLeft, end - begin, shape.phases);
    zero_floats(to + end, shape.columns - end);
  }
}

void copy_rows(const FilterPlan& p, const float* image, Range rows, float* to) {
  const RowsCopy shape(p, rows);
  for (int c = 0; c < p.c; c++) {
    for (int i = 0; i < shape.height; i++, to += shape.row_floats()) {
      const int y = rows.begin * p.strideH - p.padTop + i;
      if (y < 0 || y >= p.h) {
        zero_floats(to, static_cast<int>(shape.row_floats()));
      } else {
        copy_row(p, shape, image + (static_cast<int64_t>(c) * p.h + y) * p.w, to);
      }
    }
  }
}

// The pixels of some tiles, gathered for every tap: [group][tile][tap][pixel of the tile].
void gather_tiles(const FilterPlan& p, const float* image, Range tiles, float* to) {
  for (int g = 0; g < p.groups; g++) {
    for (int tile = tiles.begin; tile < tiles.end; tile++) {
      int64_t corner[kWidePixels];
      int top[kWidePixels], left[kWidePixels];
      const int count = min(p.tilePixels, p.pixels - tile * p.tilePixels);
      for (int i = 0; i < count; i++) {
        const int pixel = tile * p.tilePixels + i;
        top[i] = pixel / p.outW * p.strideH - p.padTop;
        left[i] = pixel % p.outW * p.strideW - p.padLeft;
        corner[i] = static_cast<int64_t>(top[i]) * p.w + left[i];
      }
      for (int ky = 0; ky < p.r; ky++) {
        for (int kx = 0; kx < p.s; kx++) {
          const int dy = ky * p.dilationH, dx = kx * p.dilationW;
          int64_t from[kWidePixels];
          bool inside[kWidePixels];
          for (int i = 0; i < count; i++) {
            inside[i] = top[i] + dy >= 0 && top[i] + dy < p.h && left[i] + dx >= 0 && left[i] + dx < p.w;
            from[i] = inside[i] ? corner[i] + static_cast<int64_t>(dy) * p.w + dx : 0;
          }
          float* line = to + static_cast<int64_t>(ky * p.s + kx) * p.tilePixels;
          const float* plane = image + static_cast<int64_t>(g) * p.inputs * p.h * p.w;
          for (int c = 0; c < p.inputs; c++) {
            for (int i = 0; i < count; i++) line[i] = inside[i] ? plane[from[i]] : 0;
            for (int i = count; i < p.tilePixels; i++) line[i] = 0;
            plane += static_cast<int64_t>(p.h) * p.w;
            line += static_cast<int64_t>(p.r) * p.s * p.tilePixels;
          }
        }
      }
      to += static_cast<int64_t>(p.taps) * p.tilePixels;
    }
  }
}

// How the work is dealt out; it has no influence on the results.
struct Deal {
  int bands, splits;  // of rows or tiles; of the blocks of filters of all groups
};

Deal deal(const FilterPlan& p, int threads, int lines, int64_t copyFloats) {
  constexpr int64_t kWorthATask = 10000;  // vector multiply-adds
  const int64_t work = static_cast<int64_t>(p.groups) * p.vectors * p.taps * p.pixels * p.together;
  const int perImages = ceil_div(4 * threads, ceil_div(p.n, p.together));
  const int wanted = threads == 1 ? 1 : static_cast<int>(max64(1, min64(perImages, work / kWorthATask)));
  const int blocks = p.groups * p.blocks;
  int bands = static_cast<int>(min64(lines, (copyFloats + kCopyFloats - 1) / kCopyFloats));
  bands = max(1, bands);
  int splits = 1;
  if (p.packed_floats() > static_cast<int64_t>(p.c) * p.h * p.w) {
    splits = min(blocks, ceil_div(wanted, bands));
    bands = max(bands, min(lines, ceil_div(wanted, splits)));
  } else {
    bands = max(bands, min(lines, wanted));
    splits = min(blocks, ceil_div(wanted, bands));
  }
  return Deal{bands, splits};
}

}  // namespace

bool fits_filters(const Conv2dSpec& s) { return 4 * (s.k / s.groups) >= kLanes || s.groups == 1; }

size_t packed_filter_floats(const Conv2dSpec& spec) { return static_cast<size_t>(FilterPlan(spec).packed_floats()); }

int64_t filter_arrangement(const Conv2dSpec& spec) {
  const FilterPlan p(spec);
  return (static_cast<int64_t>(p.taps) << 32 | p.groups) * 2 + (p.wide ? 1 : 0);
}

void pack_filters(ThreadPool& pool, const Conv2dSpec& spec, const float* w, float* packed) {
  const FilterPlan p(spec);
  const auto pack = [&](int task, int) {
    const int group = task / p.vectors, vector = task % p.vectors;
    const int block = vector / p.blockVectors, together = p.vectors_of(block);
    float* to = const_cast<float*>(p.weights_of(packed, group, block)) + vector % p.blockVectors * kLanes;
    const int count = min(kLanes, p.filters - vector * kLanes);
    const float* from = w + (static_cast<int64_t>(group) * p.filters + vector * kLanes) * p.taps;
    for (int tap = 0; tap < p.taps; tap++, to += together * kLanes) {
      for (int f = 0; f < count; f++) to[f] = from[static_cast<int64_t>(f) * p.taps + tap];
      for (int f = count; f < kLanes; f++) to[f] = 0;
    }
  };
  const int tasks = p.groups * p.vectors;
  if (p.packed_floats() < 16384) {
    for (int task = 0; task < tasks; task++) pack(task, 0);
  } else {
    parallel(pool, tasks, pack);
  }
}

void filter_conv2d(ThreadPool& pool, const Conv2dSpec& spec, const float* x, const float* packed, const float* b,
                   const float* residual, bool relu, float* y) {
  const FilterPlan p(spec);
  const int tiles = ceil_div(p.line(), p.tilePixels);  // of a row, or of the image
  const int lines = p.alongRows ? p.outH : tiles;
  const int64_t whole = p.alongRows ? RowsCopy(p, Range{0, p.outH}).floats(p)
                                    : static_cast<int64_t>(p.groups) * p.taps * tiles * p.tilePixels;
  const Deal dealt = deal(p, pool.threads(), lines, p.copied ? whole : 0);
  int64_t copyFloats = 0;  // of one image
  if (p.copied) {
    for (int band = 0; band < dealt.bands; band++) {
      const Range range = part(lines, band, dealt.bands);
      copyFloats = max64(copyFloats, p.alongRows ? RowsCopy(p, range).floats(p)
                                                 : static_cast<int64_t>(p.groups) * p.taps * (range.end - range.begin) *
                                                       p.tilePixels);
    }
    for (int worker = 0; worker < pool.threads(); worker++) {
      const size_t bytes = static_cast<size_t>(kCopyHeader + copyFloats * p.together) * 4;
      reinterpret_cast<Copy*>(pool.scratch(worker, bytes))->band = -1;
    }
  }
  const int blocks = p.groups * p.blocks;
  const int64_t imageFloats = static_cast<int64_t>(p.c) * p.h * p.w;
  parallel(pool, ceil_div(p.n, p.together) * dealt.bands * dealt.splits, [&](int task, int worker) {
    const int split = task % dealt.splits, band = task / dealt.splits % dealt.bands;
    const int firstImage = task / dealt.splits / dealt.bands * p.together, images = min(p.together, p.n - firstImage);
    const Range range = part(lines, band, dealt.bands), some = part(blocks, split, dealt.splits);
    const float* source = x + firstImage * imageFloats;
    int64_t sourceStep = imageFloats;  // from image to image
    Taps taps{p.inputs, p.r, p.s, static_cast<int64_t>(p.h) * p.w, static_cast<int64_t>(p.w) * p.dilationH, {}};
    if (p.alongRows) {
      for (int j = 0; j < p.s; j++) taps.column[j] = static_cast<int64_t>(j) * p.dilationW;
    }
    int64_t groupStep = static_cast<int64_t>(p.inputs) * p.h * p.w, lineStep = static_cast<int64_t>(p.w) * p.strideH;
    int firstLine = 0;
    if (p.copied) {
      float* scratch = static_cast<float*>(pool.scratch(worker, 0));
      Copy& copied = *reinterpret_cast<Copy*>(scratch);
      const int64_t wanted = static_cast<int64_t>(firstImage) * dealt.bands + band;
      if (copied.band != wanted) {
        for (int image = 0; image < images; image++) {
          float* to = scratch + kCopyHeader + image * copyFloats;
          if (p.alongRows) {
            copy_rows(p, source + image * imageFloats, range, to);
          } else {
            gather_tiles(p, source + image * imageFloats, range, to);
          }
        }
        copied.band = wanted;
      }
      source = scratch + kCopyHeader;
      sourceStep = copyFloats;
      firstLine = range.begin;
      if (p.alongRows) {
        const RowsCopy shape(p, range);
        taps.channelStep = shape.height * shape.row_floats();
        taps.rowStep = shape.row_floats() * p.dilationH;
        for (int j = 0; j < p.s; j++) taps.column[j] = shape.place(j * p.dilationW);
        groupStep = p.inputs * taps.channelStep;
        lineStep = shape.row_floats() * p.strideH;
      } else {
        taps = Taps{p.taps, 1, 1, p.tilePixels, 0, {}};
        lineStep = static_cast<int64_t>(p.taps) * p.tilePixels;
        groupStep = lineStep * (range.end - range.begin);
      }
    }
    for (int at = some.begin; at < some.end; at++) {
      const int group = at / p.blocks, block = at % p.blocks;
      const int firstFilter = block * p.blockVectors * kLanes, vectors = p.vectors_of(block);
      const TileKernel kernel = tile_kernel(p, vectors);
      const float* weights = p.weights_of(packed, group, block);
      const int64_t filter = static_cast<int64_t>(group) * p.filters + firstFilter;
      Target target{nullptr, nullptr, b == nullptr ? nullptr : b + filter, p.pixels, min(vectors * kLanes, p.filters - firstFilter),
                    p.tilePixels, relu};
      for (int image = 0; image < images; image++) {
        const int64_t to = (static_cast<int64_t>(firstImage + image) * p.k + filter) * p.pixels;
        const auto run = [&](int64_t pixel, const float* from) {
          target.y = y + to + pixel;
          target.residual = residual == nullptr ? nullptr : residual + to + pixel;
          kernel(taps, from, weights, target);
        };
        for (int line = range.begin; line < range.end; line++) {
          const float* from = source + image * sourceStep + group * groupStep + (line - firstLine) * lineStep;
          if (p.alongRows) {
            // The last tile of a row ends with it: it computes some pixels once more, with the same bits.
            for (int tile = 0; tile < tiles; tile++) {
              const int column = min(tile * p.tilePixels, p.outW - p.tilePixels);
              run(static_cast<int64_t>(line) * p.outW + column, from + column);
            }
          } else {
            target.pixels = min(p.tilePixels, p.pixels - line * p.tilePixels);
            run(static_cast<int64_t>(line) * p.tilePixels, from);
          }
        }
      }
    }
  });
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
