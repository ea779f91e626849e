#include "conv.h"
#include "correlate.h"
#include "panel.h"
#include "plan.h"
#include "weight_gradient.h"

namespace gradus::GRADUS_TIER_NAMESPACE {
namespace {

// Along one axis, the input pixels p with (p + padding) mod stride == residue meet every step-th tap of the kernel only, and
// for them the gradient is a correlation of dy with stride 1: this cuts a strided gradient into stride x stride plain ones.
struct Phase {
  int taps;        // of this phase
  int lastTap;     // the kernel tap that meets the first dy pixel
  int tapStep;     // between kernel taps, downwards from lastTap
  int sourceStep;  // between dy pixels
};

Phase phase(int residue, int stride, int dilation, int taps) {
  Phase p{0, 0, 1, 1};
  int first = -1;
  for (int tap = 0; tap < taps; tap++) {
    if ((tap * static_cast<int64_t>(dilation)) % stride != residue) continue;
    if (first < 0) first = tap;
    if (p.taps == 1) p.tapStep = tap - first;
    p.lastTap = tap;
    p.taps++;
  }
  p.sourceStep = static_cast<int>(static_cast<int64_t>(p.tapStep) * dilation / stride);
  return p;
}

// For every phase of rows and of columns: [block of input channels][filter][tap row][tap column][channel of the block].
void pack_weights(ThreadPool& pool, const Geometry& g, const Blocks& blocks, const float* w, float* packed) {
  const auto pack = [&](int block, int) {
    const int c0 = blocks.begin(block), channels = blocks.size(block), group = blocks.group(block);
    float* phaseBegin = packed;
    for (int a = 0; a < g.strideH; a++) {
      const Phase rows = phase(a, g.strideH, g.dilationH, g.r);
      for (int b = 0; b < g.strideW; b++) {
        const Phase columns = phase(b, g.strideW, g.dilationW, g.s);
        const int64_t taps = static_cast<int64_t>(rows.taps) * columns.taps;
        float* target = phaseBegin + c0 * g.filters * taps;
        for (int filter = 0; filter < g.filters; filter++) {
          const float* source =
              w + ((static_cast<int64_t>(group) * g.filters + filter) * g.inputs + c0 - group * g.inputs) * g.r * g.s;
          for (int i = 0; i < rows.taps; i++) {
            for (int j = 0; j < columns.taps; j++) {
              const int tap = (rows.lastTap - i * rows.tapStep) * g.s + columns.lastTap - j * columns.tapStep;
              for (int c = 0; c < channels; c++) *target++ = source[static_cast<int64_t>(c) * g.r * g.s + tap];
            }
          }
        }
        phaseBegin += g.c * g.filters * taps;
      }
    }
  };
  if (g.weight_count() < 16384) {
    for (int block = 0; block < blocks.count; block++) pack(block, 0);
  } else {
    parallel(pool, blocks.count, pack);
  }
}

// The dy rows that input rows [begin, end) meet, possibly beyond dy.
Range dy_rows(const Geometry& g, Range rows) {
  if (rows.begin >= rows.end) return Range{0, 0};
  return Range{floor_div(rows.begin + g.padTop - (g.r - 1) * g.dilationH, g.strideH),
               floor_div(rows.end - 1 + g.padTop, g.strideH) + 1};
}

// dx rows [rows) of some blocks of channels of one image group.
void data_gradient(const Geometry& g, const Blocks& blocks, Range mine, Range rows, const Panel& dy, const float* packed,
                   float* dx, bool accumulate) {
  Correlation c{};
  c.channels = g.filters;
  c.channelStep = dy.channelStep;
  c.pixelStep = kLanes;
  c.targetChannelStep = static_cast<int64_t>(g.h) * g.w * kLanes;
  c.targetPixelStep = static_cast<int64_t>(g.strideW) * kLanes;
  c.accumulate = accumulate;
  for (int a = 0; a < g.strideH; a++) {
    const Phase tapRows = phase(a, g.strideH, g.dilationH, g.r);
    c.tapRows = tapRows.taps;
    c.tapRowStep = tapRows.sourceStep * dy.rowStep;
    const int firstRow = rows.begin + floor_mod(a - g.padTop - rows.begin, g.strideH);
    for (int row = firstRow; row < rows.end; row += g.strideH) {
      const float* phaseWeights = packed;
      for (int b = 0; b < g.strideW; b++) {
        const Phase tapColumns = phase(b, g.strideW, g.dilationW, g.s);
        const int64_t taps = static_cast<int64_t>(tapRows.taps) * tapColumns.taps;
        const int column = floor_mod(b - g.padLeft, g.strideW);
        c.tapColumns = tapColumns.taps;
        c.tapColumnStep = static_cast<int64_t>(tapColumns.sourceStep) * kLanes;
        c.pixels = column < g.w ? (g.w - 1 - column) / g.strideW + 1 : 0;
        // A phase without taps reads nothing and still writes its zeros.
        const int dyRow = taps == 0 ? dy.row0 : (row + g.padTop - tapRows.lastTap * g.dilationH) / g.strideH;
        const int dyColumn = taps == 0 ? dy.column0 : (column + g.padLeft - tapColumns.lastTap * g.dilationW) / g.strideW;
        if (taps == 0) c.channels = 0;
        for (int block = mine.begin; block < mine.end; block++) {
          const int c0 = blocks.begin(block);
          correlate(blocks.size(block), c, dy.at(blocks.group(block) * g.filters, dyRow, dyColumn),
                    phaseWeights + c0 * g.filters * taps, nullptr,
                    dx + c0 * c.targetChannelStep + (static_cast<int64_t>(row) * g.w + column) * kLanes);
        }
        c.channels = g.filters;
        phaseWeights += g.c * g.filters * taps;
      }
    }
    // The weights of the next row phase lie behind all column phases of this one.
    packed += static_cast<int64_t>(g.c) * g.filters * tapRows.taps * g.s;
  }
}

// dw of some blocks of filters, summed over dy rows [rows) of one image group.
void weights_gradient(const Geometry& g, const GradientBlocking& blocking, const Blocks& blocks, Range mine, Range rows,
                      const Panel& x, const Panel& dy, float* dw) {
  // Kernels of one row take neighbouring channels for the outer taps.
  const bool overChannels = g.r == 1;
  const int outer = overChannels ? g.inputs : g.r;
  const Blocks outerBlocks(1, outer, blocking.outer);
  const int channels = overChannels ? 1 : g.inputs;
  const int columns = blocking.columns;
  const GradientRegion region{rows.end - rows.begin,
                              g.outW,
                              overChannels ? x.channelStep : x.rowStep * g.dilationH,
                              x.rowStep * g.strideH,
                              static_cast<int64_t>(kLanes) * g.strideW,
                              dy.channelStep,
                              dy.rowStep};
  Vector block[kLargestGradientBlock] = {};
  alignas(64) float sums[kLargestGradientBlock];
  for (int b = mine.begin; b < mine.end; b++) {
    const int k0 = blocks.begin(b), filters = blocks.size(b);
    const float* dyAt = dy.at(k0, rows.begin, 0);
    for (int channel = 0; channel < channels; channel++) {
      for (int o = 0; o < outerBlocks.count; o++) {
        const int o0 = outerBlocks.begin(o), size = outerBlocks.size(o);
        const WeightGradientKernel kernel = weight_gradient_kernel(filters, size, columns);
        for (int s = 0; s < g.s; s += columns) {
          const float* xAt = x.at(blocks.group(b) * g.inputs + channel, rows.begin * g.strideH - g.padTop,
                                  s * g.dilationW - g.padLeft) +
                             o0 * region.xOuterStep;
          kernel(region, xAt, dyAt, block);
          sum_block(block, filters * size * columns, sums);
          const float* sum = sums;
          for (int f = 0; f < filters; f++) {
            float* target = dw + ((static_cast<int64_t>(k0 + f) * g.inputs + channel) * g.r + o0) * g.s + s;
            for (int i = 0; i < size; i++, target += g.s) {
              for (int j = 0; j < columns; j++) target[j] = *sum++;
            }
          }
        }
      }
    }
  }
}

float sum_rows(const Panel& panel, int channel, Range rows, int width) {
  Vector sum[4] = {};
  for (int row = rows.begin; row < rows.end; row++) {
    const float* p = panel.at(channel, row, 0);
    int i = 0;
    for (; i + 4 <= width; i += 4) {
      for (int j = 0; j < 4; j++) sum[j] += load(p + (i + j) * static_cast<int64_t>(kLanes));
    }
    for (; i < width; i++) sum[0] += load(p + i * static_cast<int64_t>(kLanes));
  }
  return sum_lanes((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

// target = beta target + the sum of the chunks, in their order.
void add_chunks(ThreadPool& pool, const float* chunks, int count, int64_t stride, int64_t size, float* target, bool accumulate) {
  const auto add = [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i += 256) {
      const int n = static_cast<int>(min64(256, end - i));
      float sum[256];
      for (int j = 0; j < n; j++) sum[j] = accumulate ? target[i + j] : 0;
      for (int chunk = 0; chunk < count; chunk++) {
        const float* source = chunks + chunk * stride + i;
        for (int j = 0; j < n; j++) sum[j] += source[j];
      }
      for (int j = 0; j < n; j++) target[i + j] = sum[j];
    }
  };
  constexpr int64_t kPart = 4096;
  if (size * count < 65536) {
    add(0, size);
  } else {
    parallel(pool, static_cast<int>((size + kPart - 1) / kPart),
             [&](int task, int) { add(task * kPart, min64(size, (task + 1) * kPart)); });
  }
}

// fill(imageGroup, channel, row, target) writes one row of the gradient with respect to the convolution's own output.
// direct: the tensor that already holds that gradient, or null.
template <class Fill>
void backward(ThreadPool& pool, const Geometry& g, const float* x, const float* w, const float* direct, const Fill& fill, float* dx,
              float dx_beta, float* dw, float* db, float weights_beta) {
  const int plainColumns = g.dilationW == 1 && (g.s == 3 || g.s == 5 || g.s == 7) ? g.s : 1;
  const GradientBlocking blocking = gradient_blocking(plainColumns);
  const Blocks filterBlocks(g.groups, g.filters, blocking.filters), channelBlocks(g.groups, g.inputs, kFilterBlock);

  const bool both = dx != nullptr && dw != nullptr;
  const int64_t imageFloats = (static_cast<int64_t>(g.k) * g.outH * g.outW + static_cast<int64_t>(g.c) * g.h * g.w) * kLanes;
  // A band sums its weight gradients over the lanes at its end: with fewer pixels that would cost more than a few percent.
  constexpr int kFewestPixels = 96;
  const Tasks tasks = plan_tasks(g.imageGroups, g.group_work() * (both ? 2 : 1), imageFloats,
                                 max(1, min(g.outH, g.outH * g.outW / kFewestPixels)),
                                 static_cast<int64_t>(g.inputs) * g.r * g.s * (both ? 2 : 1) / 2,
                                 min(dx != nullptr ? channelBlocks.count : filterBlocks.count, filterBlocks.count));

  const auto xWindow = [&](Range rows) {
    return Window{rows.begin * g.strideH - g.padTop, (rows.end - 1) * g.strideH - g.padTop + (g.r - 1) * g.dilationH + 1,
                  -g.padLeft, max(g.w, (g.outW - 1) * g.strideW - g.padLeft + (g.s - 1) * g.dilationW + 1)};
  };
  const auto dyWindow = [&](Range own, Range rows) {
    Window window{own.begin, own.end, 0, g.outW};
    if (dx != nullptr && rows.begin < rows.end) {
      const Range needed = dy_rows(g, rows);
      window.rowBegin = min(window.rowBegin, needed.begin);
      window.rowEnd = max(window.rowEnd, needed.end);
      window.columnBegin = min(0, floor_div(g.padLeft - (g.s - 1) * g.dilationW, g.strideW));
      window.columnEnd = max(g.outW, floor_div(g.w - 1 + g.padLeft, g.strideW) + 1);
    }
    return window;
  };
  int64_t dyFloats = 0, xFloats = 0;
  for (int band = 0; band < tasks.bands; band++) {
    const Range own = part(g.outH, band, tasks.bands), rows = part(g.h, band, tasks.bands);
    const Window dyWanted = dyWindow(own, rows), xWanted = xWindow(own);
    if (direct == nullptr || !dyWanted.inside(g.outH, g.outW)) dyFloats = max64(dyFloats, g.k * dyWanted.channel_floats());
    if (dw != nullptr && !xWanted.inside(g.h, g.w)) xFloats = max64(xFloats, g.c * xWanted.channel_floats());
  }
  const size_t workerBytes = static_cast<size_t>(dyFloats + xFloats) * sizeof(float);
  for (int worker = 0; worker < pool.threads(); worker++) pool.scratch(worker, workerBytes);

  const int chunks = g.imageGroups * tasks.bands;
  const int64_t dwCount = dw == nullptr ? 0 : g.weight_count();
  const int64_t dbAt = round_up(dwCount, 16), stride = dbAt + (db == nullptr ? 0 : round_up(g.k, 16));
  const int64_t packedFloats = dx == nullptr ? 0 : round_up(g.weight_count(), 16);
  float* packed = static_cast<float*>(pool.shared_scratch((packedFloats + chunks * stride) * sizeof(float)));
  float* partial = packed + packedFloats;
  if (dx != nullptr) pack_weights(pool, g, channelBlocks, w, packed);

  parallel(pool, tasks.count(g.imageGroups), [&](int task, int worker) {
    const int split = task % tasks.splits, chunk = task / tasks.splits, band = chunk % tasks.bands, imageGroup = chunk / tasks.bands;
    const Range own = part(g.outH, band, tasks.bands), rows = part(g.h, band, tasks.bands);
    float* chunkSums = partial + chunk * stride;
    float* scratch = static_cast<float*>(pool.scratch(worker, workerBytes));

    const Window window = dyWindow(own, rows);
    Panel dy;
    const Range biases = part(g.k, split, tasks.splits);
    const auto sumBias = [&](int channel, const Panel& panel) {
      if (db != nullptr && channel >= biases.begin && channel < biases.end) {
        chunkSums[dbAt + channel] = sum_rows(panel, channel, own, g.outW);
      }
    };
    if (direct != nullptr && window.inside(g.outH, g.outW)) {
      dy = whole_image(direct + imageGroup * g.y_group_floats(), g.outH, g.outW);
      for (int channel = biases.begin; channel < biases.end; channel++) sumBias(channel, dy);
    } else {
      dy = make_panel(
          g.k, g.outH, g.outW, window, scratch,
          [&](int channel, int row, float* target) { fill(imageGroup, channel, row, target); }, sumBias);
    }
    if (dw != nullptr) {
      const Panel xPanel =
          padded_panel(x + imageGroup * g.x_group_floats(), g.c, g.h, g.w, xWindow(own), scratch + dyFloats);
      weights_gradient(g, blocking, filterBlocks, part(filterBlocks.count, split, tasks.splits), own, xPanel, dy, chunkSums);
    }
    if (dx != nullptr) {
      data_gradient(g, channelBlocks, part(channelBlocks.count, split, tasks.splits), rows, dy, packed,
                    dx + imageGroup * g.x_group_floats(), dx_beta != 0);
    }
  });
  if (dw != nullptr) add_chunks(pool, partial, chunks, stride, dwCount, dw, weights_beta != 0);
  if (db != nullptr) add_chunks(pool, partial + dbAt, chunks, stride, g.k, db, weights_beta != 0);
}

}  // namespace

void conv2d_backward(ThreadPool& pool, const Conv2dSpec& spec, const float* x, const float* w, const float* y, const float* dy,
                     float* dx, float dx_beta, float* dw, float* db, float weights_beta) {
  const Geometry g(spec);
  const int64_t rowFloats = static_cast<int64_t>(g.outW) * kLanes;
  if (y == nullptr) {
    backward(
        pool, g, x, w, dy,
        [&](int imageGroup, int channel, int row, float* target) {
          const float* source = dy + ((static_cast<int64_t>(imageGroup) * g.k + channel) * g.outH + row) * rowFloats;
          for (int64_t i = 0; i < rowFloats; i += kLanes) store(target + i, load(source + i));
        },
        dx, dx_beta, dw, db, weights_beta);
  } else {
    backward(
        pool, g, x, w, nullptr,
        [&](int imageGroup, int channel, int row, float* target) {
          const int64_t at = ((static_cast<int64_t>(imageGroup) * g.k + channel) * g.outH + row) * rowFloats;
          for (int64_t i = 0; i < rowFloats; i += kLanes) {
            store(target + i, load(y + at + i) > zero() ? load(dy + at + i) : zero());
          }
        },
        dx, dx_beta, dw, db, weights_beta);
  }
}

void conv2d_relu_max_pool_backward(ThreadPool& pool, const Conv2dSpec& conv, const PoolSpec&, const float* x, const float* w,
                                   const float* y, const uint8_t* index, const float* dy, float* dx, float dx_beta, float* dw,
                                   float* db, float weights_beta) {
  const Geometry g(conv);
  const int rows = g.outH / 2, columns = g.outW / 2;
  backward(
      pool, g, x, w, nullptr,
      [&](int imageGroup, int channel, int row, float* target) {
        if (row / 2 >= rows) return fill_zero(target, g.outW);
        const int64_t at =
            ((static_cast<int64_t>(imageGroup) * g.k + channel) * rows + row / 2) * static_cast<int64_t>(columns) * kLanes;
        const Ints left = row % 2 * 2 - Ints{}, right = left + 1;
        for (int64_t i = 0; i < static_cast<int64_t>(columns) * kLanes; i += kLanes, target += 2 * kLanes) {
          const Ints place = __builtin_convertvector(*reinterpret_cast<const Bytes*>(index + at + i), Ints);
          const Vector gradient = load(y + at + i) > zero() ? load(dy + at + i) : zero();
          store(target, place == left ? gradient : zero());
          store(target + kLanes, place == right ? gradient : zero());
        }
        if (g.outW % 2 != 0) store(target, zero());
      },
      dx, dx_beta, dw, db, weights_beta);
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
