// Square tiles of the channels of a batch tensor, with zeros beyond its borders and where a mask is closed.
#pragma once
#include "plan.h"

namespace gradus::GRADUS_TIER_NAMESPACE {

struct TileSource {
  const float* data;
  const float* mask;  // shaped like data: what is not above 0 closes; null for none
  int channels, height, width;

  int64_t row_floats() const { return static_cast<int64_t>(width) * kLanes; }
  int64_t channel_floats() const { return static_cast<int64_t>(height) * row_floats(); }
};

// The tile of Size x Size pixels whose first is (row, column), possibly outside.
template <int Size>
struct SourceTile {
  int64_t first;        // of its first pixel in channel 0, in floats
  Range rows, columns;  // those that lie in the source

  static SourceTile at(const TileSource& s, int imageGroup, int row, int column) {
    return SourceTile{imageGroup * s.channels * s.channel_floats() + row * s.row_floats() + static_cast<int64_t>(column) * kLanes,
                      present(row, s.height), present(column, s.width)};
  }
  bool inside() const { return rows.begin == 0 && rows.end == Size && columns.begin == 0 && columns.end == Size; }

 private:
  static Range present(int first, int size) {
    const int begin = min(Size, max(0, -first));
    return Range{begin, max(begin, min(Size, size - first))};
  }
};

// The pixels of a tile, those before column First and from column End on being zeros.
template <int Size, int First, int End>
struct BorderedPixels {
  const float* rows[Size];

  __attribute__((always_inline)) Vector operator()(int i, int j) const {
    return j < First || j >= End ? zero() : load(rows[i] + j * kLanes);
  }
};

// use(channel, pixels) for a tile whose columns [First, End) lie in the source.
template <int Size, int First, int End, class Use>
inline void use_tile(const TileSource& s, const SourceTile<Size>& tile, const Use& use) {
  alignas(64) static constexpr float kZeros[Size * kLanes] = {};
  const int64_t rowStep = s.row_floats(), channelStep = s.channel_floats();
  const float* channel = s.data + tile.first;
  for (int c = 0; c < s.channels; c++, channel += channelStep) {
    BorderedPixels<Size, First, End> pixels;
#pragma GCC unroll 6
    for (int i = 0; i < Size; i++) {
      pixels.rows[i] = i >= tile.rows.begin && i < tile.rows.end ? channel + i * rowStep : kZeros;
    }
    use(c, pixels);
  }
}

template <int Size, class Use>
inline void copy_tile(const TileSource& s, const SourceTile<Size>& tile, const Use& use) {
  alignas(64) float pixels[Size * Size * kLanes] = {};
  const int64_t width = static_cast<int64_t>(tile.columns.end - tile.columns.begin) * kLanes;
  int64_t channel = tile.first + tile.columns.begin * kLanes;
  for (int c = 0; c < s.channels; c++, channel += s.channel_floats()) {
    for (int i = tile.rows.begin; i < tile.rows.end; i++) {
      const int64_t from = channel + i * s.row_floats();
      float* to = pixels + (i * Size + tile.columns.begin) * kLanes;
      for (int64_t j = 0; j < width; j += kLanes) {
        const Vector value = load_once(s.data + from + j);  // and not a call of memcpy for some hundred bytes
        store(to + j, s.mask == nullptr || load(s.mask + from + j) > zero() ? value : zero());
      }
    }
    use(c, [&](int i, int j) __attribute__((always_inline)) { return load(pixels + (i * Size + j) * kLanes); });
  }
}

// use(tile, channel, pixels) for each of some tiles and every channel; pixels(row, column) needs no care for borders.
template <int Size, class Use>
inline void for_tiles(const TileSource& s, const SourceTile<Size>* tiles, int count, const Use& use) {
  bool inside = false;
  for (int t = 0; t < count; t++) {
    const auto useTile = [&](int c, const auto& pixels) __attribute__((always_inline)) { use(t, c, pixels); };
    const Range columns = tiles[t].columns;
    // The usual borders have kernels of their own: one column of padding, on a map of whole tiles.
    if (s.mask != nullptr) {
      copy_tile<Size>(s, tiles[t], useTile);
    } else if (tiles[t].inside()) {
      inside = true;
    } else if (columns.begin == 0 && columns.end == Size) {
      use_tile<Size, 0, Size>(s, tiles[t], useTile);
    } else if (columns.begin == 0 && columns.end == Size - 1) {
      use_tile<Size, 0, Size - 1>(s, tiles[t], useTile);
    } else if (columns.begin == 1 && columns.end == Size) {
      use_tile<Size, 1, Size>(s, tiles[t], useTile);
    } else {
      copy_tile<Size>(s, tiles[t], useTile);
    }
  }
  if (!inside) return;
  // Channel by channel, because neighbouring tiles share pixels.
  const int64_t rowStep = s.row_floats();
  for (int c = 0; c < s.channels; c++) {
    for (int t = 0; t < count; t++) {
      if (!tiles[t].inside()) continue;
      const float* first = s.data + tiles[t].first + c * s.channel_floats();
      use(t, c, [&](int i, int j) __attribute__((always_inline)) { return load(first + i * rowStep + j * kLanes); });
    }
  }
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
