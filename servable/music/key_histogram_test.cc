#include "servable/music/key_histogram.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;

TEST(KeyHistogramTest, CountsPitchClassesWithoutSpecialEvents) {
  EXPECT_THAT(NoteHistogram({60, -2, 72, -1, 61, 0, 127}),
              ElementsAre(3, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0));
}

TEST(KeyHistogramTest, CountsNotesOfEachMajorKey) {
  // C belongs to seven keys.
  EXPECT_THAT(MajorKeyHistogram(NoteHistogram({60, 60})),
              ElementsAre(2, 2, 0, 2, 0, 2, 0, 2, 2, 0, 2, 0));
}

TEST(KeyHistogramTest, FindsTheKeyOfEachScale) {
  for (int key = 0; key < kNotesPerOctave; ++key) {
    std::vector<int> scale;
    for (int interval : {0, 2, 4, 5, 7, 9, 11}) scale.push_back(48 + key + interval);
    EXPECT_EQ(MajorKey(scale), key);
  }
}

TEST(KeyHistogramTest, PrefersTheLowestKey) {
  EXPECT_EQ(MajorKey({61}), 1);
  EXPECT_EQ(MajorKey({-2, -1}), 0);
}

}  // namespace
}  // namespace magenta_serving
