#include "shapes.h"

#include "reference.h"

namespace gradus::test {

namespace {

// So many more, of those the rules allow.
template <class F>
void add(std::vector<Conv2dSpec>& list, int count, const F& next) {
  while (count > 0) {
    const Conv2dSpec s = next();
    if (s.h + s.padTop + s.padBottom < s.dilationH * (s.r - 1) + 1 || s.w + s.padLeft + s.padRight < s.dilationW * (s.s - 1) + 1) {
      continue;
    }
    list.push_back(s);
    count--;
  }
}

}  // namespace

std::vector<Conv2dSpec> shapes(const Selection& selection) {
  std::vector<Conv2dSpec> list = {
      square(1, 1, 1, 1, 1, 1, 0),
      square(3, 1, 7, 6, 5, 1, 0),
      square(17, 3, 8, 5, 3, 1, 1),
      square(16, 6, 12, 16, 5, 1, 0),
      square(5, 12, 9, 13, 3, 2, 1),
      square(4, 16, 6, 32, 1, 2, 0),
      square(4, 7, 6, 9, 1, 1, 0),
      square(2, 3, 15, 7, 7, 2, 3),
      square(2, 3, 13, 4, 11, 4, 2),
      {2, 4, 5, 9, 6, 3, 2, 1, 2, 0, 1, 2, 0, 1, 1, 2},
      {3, 6, 7, 6, 6, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 6},    // depthwise
      {3, 6, 9, 7, 12, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 6},   // depthwise with a multiplier
      {2, 2, 11, 10, 3, 3, 3, 1, 1, 2, 2, 2, 2, 2, 2, 1},  // dilated
      {2, 2, 11, 10, 3, 3, 4, 2, 3, 2, 1, 0, 5, 2, 3, 1},  // dilated, strided
      {2, 3, 9, 11, 2, 4, 4, 4, 2, 0, 3, 1, 2, 2, 2, 1},   // phases without taps
      {2, 1, 2, 3, 2, 5, 7, 1, 1, 3, 2, 4, 3, 1, 1, 1},    // a kernel larger than the image
      {2, 2, 3, 3, 3, 1, 1, 1, 1, 2, 3, 1, 0, 1, 1, 1},    // padding larger than the kernel
      {2, 2, 3, 3, 3, 2, 1, 3, 3, 4, 5, 3, 2, 1, 1, 1},
      {33, 2, 1, 5, 3, 1, 3, 1, 1, 0, 1, 0, 1, 1, 1, 1},   // one row
      {2, 4, 6, 1, 8, 3, 1, 1, 1, 1, 0, 1, 0, 1, 1, 4},    // one column
      {1, 1, 500, 420, 1, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},  // with 16 lanes more bands than partial sums
  };
  if (!selection.small) {
    for (int n : {1, 2, 8, 15, 16, 31, 32, 33}) list.push_back(square(n, 3, 5, 4, 3, 1, 1));
    for (int k = 1; k <= 14; k++) list.push_back(square(2, k % 5 + 1, 6 + k, k, 3, 1 + k % 2, 1));
    for (int c = 1; c <= 14; c++) list.push_back(square(2, c, 5 + c, c % 4 + 1, c % 3 * 2 + 1, 1, c % 3));
    list.push_back(square(64, 1, 28, 6, 5, 1, 0));
    list.push_back(square(16, 16, 16, 32, 3, 1, 1));
    list.push_back(square(16, 3, 40, 16, 3, 1, 1));
    list.push_back(square(16, 64, 8, 64, 3, 1, 1));
    list.push_back(square(16, 32, 16, 64, 3, 2, 1));
    list.push_back(square(17, 64, 14, 32, 1, 1, 0));
  }
  Random random(2026);
  add(list, selection.others, [&] {
    const int groups = random.between(0, 3) == 0 ? random.between(1, 4) : 1;
    return Conv2dSpec{random.between(1, selection.small ? 9 : 33), groups * random.between(1, 5), random.between(1, 12), random.between(1, 12),
                      groups * random.between(1, 7), random.between(1, 5), random.between(1, 7), random.between(1, 4),
                      random.between(1, 4), random.between(0, 3), random.between(0, 3), random.between(0, 3), random.between(0, 3),
                      random.between(1, 3), random.between(1, 3), groups};
  });
  return list;
}

std::vector<Conv2dSpec> filter_shapes(const Selection& selection) {
  std::vector<Conv2dSpec> list = {
      square(1, 3, 33, 17, 3, 1, 1), square(2, 5, 24, 33, 3, 2, 1), square(1, 2, 31, 48, 5, 3, 2), square(3, 40, 8, 40, 3, 1, 1),
      square(2, 33, 4, 70, 3, 1, 1), square(1, 6, 16, 20, 1, 2, 0), square(1, 4, 36, 16, 7, 2, 3), square(1, 1, 40, 3, 18, 1, 0),
      {2, 6, 19, 21, 40, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 2},  {1, 4, 20, 40, 24, 3, 5, 1, 2, 1, 3, 0, 2, 2, 3, 2},
  };
  if (!selection.small) {
    for (int size = 4; size <= 40; size += 3) list.push_back(square(2, 5, size, 16 + size, 3, 1 + size % 2, 1));
    list.push_back(square(1, 64, 32, 64, 3, 1, 1));
    list.push_back(square(1, 512, 4, 512, 3, 1, 1));
    list.push_back(square(1, 64, 40, 96, 3, 2, 1));
  }
  return list;
}

std::vector<Conv2dSpec> winograd_shapes(const Selection& selection) {
  std::vector<Conv2dSpec> list = {
      square(1, 1, 3, 1, 3, 1, 0),    square(17, 3, 8, 5, 3, 1, 1),   square(33, 16, 7, 16, 3, 1, 1),
      square(2, 70, 4, 9, 3, 1, 1),   square(16, 17, 5, 130, 3, 1, 2), square(4, 130, 3, 33, 3, 1, 1),
      square(33, 150, 7, 37, 3, 1, 1),
      {2, 5, 1, 9, 6, 3, 3, 1, 1, 3, 0, 0, 3, 1, 1, 1}, {3, 4, 9, 1, 7, 3, 3, 1, 1, 0, 3, 3, 1, 1, 1, 1},
  };
  if (!selection.small) {
    for (int size = 1; size <= 13; size++) list.push_back(square(5, 6, size, 7, 3, 1, 1));
    list.push_back(square(32, 64, 15, 64, 3, 1, 1));
    list.push_back(square(32, 128, 8, 128, 3, 1, 1));
    list.push_back(square(32, 512, 4, 512, 3, 1, 1));
    list.push_back(square(128, 256, 7, 64, 3, 1, 1));
    list.push_back(square(64, 24, 31, 64, 3, 1, 1));
  }
  Random random(7);
  add(list, selection.winograds, [&] {
    return Conv2dSpec{random.between(1, 33), random.between(1, 40), random.between(1, 14), random.between(1, 14), random.between(1, 40),
                      3, 3, 1, 1, random.between(0, 4), random.between(0, 4), random.between(0, 4), random.between(0, 4), 1, 1, 1};
  });
  return list;
}

}  // namespace gradus::test
