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

template <int Size, bool Masked, class Use>
inline void copy_tile(const TileSource& s, const SourceTile<Size>& tile, const Use& use) {
  alignas(64) float pixels[Size * Size * kLanes] = {};
  const int64_t width = static_cast<int64_t>(tile.columns.end - tile.columns.begin) * kLanes;
  int64_t channel = tile.first + tile.columns.begin * kLanes;
  for (int c = 0; c < s.channels; c++, channel += s.channel_floats()) {
    for (int i = tile.rows.begin; i < tile.rows.end; i++) {
      const int64_t from = channel + i * s.row_floats();
      float* to = pixels + (i * Size + tile.columns.begin) * kLanes;
      for (int64_t j = 0; j < width; j += kLanes) {
        Vector value = load(s.data + from + j);
        if constexpr (Masked) value = load(s.mask + from + j) > zero() ? value : zero();
        store(to + j, value);
      }
    }
    use(c, pixels, Size * kLanes);
  }
}

// use(tile, channel, pixels, rowStep) for each of some tiles and every channel; pixels need no care for borders.
template <int Size, class Use>
inline void for_tiles(const TileSource& s, const SourceTile<Size>* tiles, int count, const Use& use) {
  for (int t = 0; t < count; t++) {
    const auto useCopy = [&](int c, const float* pixels, int64_t rowStep) { use(t, c, pixels, rowStep); };
    if (s.mask != nullptr) {
      copy_tile<Size, true>(s, tiles[t], useCopy);
    } else if (!tiles[t].inside()) {
      copy_tile<Size, false>(s, tiles[t], useCopy);
    }
  }
  if (s.mask != nullptr) return;
  // Channel by channel, because neighbouring tiles share pixels.
  for (int c = 0; c < s.channels; c++) {
    for (int t = 0; t < count; t++) {
      if (tiles[t].inside()) use(t, c, s.data + tiles[t].first + c * s.channel_floats(), s.row_floats());
    }
  }
}

}  // namespace gradus::GRADUS_TIER_NAMESPACE
