#include "servable/music/python_int_set.h"

#include <numeric>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;

// The expected orders are those that CPython 3.11 prints.

TEST(PythonIntSetTest, IteratesInTheOrderOfTheTable) {
  EXPECT_THAT(PythonIntSet::FromList({3, 1, 2, 1}).Values(), ElementsAre(1, 2, 3));
  EXPECT_THAT(PythonIntSet::FromList({8, 1, 0}).Values(), ElementsAre(8, 1, 0));
  EXPECT_THAT(PythonIntSet::FromList({-1, 5, -2}).Values(), ElementsAre(5, -1, -2));
  // Grows to 32 slots at the fifth.
  EXPECT_THAT(PythonIntSet::FromList({40, 33, 8, 1, 64}).Values(),
              ElementsAre(64, 33, 1, 40, 8));
}

TEST(PythonIntSetTest, CopyDropsTheRoomThatAddingMade) {
  // 32 slots as they are added, 16 when they are copied.
  const PythonIntSet set = PythonIntSet::FromList({0, 16, 17, 3, 4});
  EXPECT_THAT(set.Values(), ElementsAre(0, 3, 4, 16, 17));
  EXPECT_THAT(set.PythonCopy().Values(), ElementsAre(0, 16, 17, 3, 4));
  EXPECT_EQ(set.PythonCopy().size(), 5);
}

TEST(PythonIntSetTest, CopyOfATableOfTheSameSizeKeepsTheOrder) {
  const PythonIntSet set = PythonIntSet::FromList({8, 0});
  EXPECT_THAT(set.PythonCopy().Values(), ElementsAre(8, 0));
}

TEST(PythonIntSetTest, DifferenceRebuildsOrCopiesByTheSizes) {
  const PythonIntSet a = PythonIntSet::FromList({0, 16, 17, 3, 4});
  // Five are more than four times none: copied, then discarded from.
  EXPECT_THAT(PythonIntSet::Difference(a, PythonIntSet()).Values(),
              ElementsAre(0, 16, 17, 3, 4));
  // Not more than four times two: added one after another.
  EXPECT_THAT(PythonIntSet::Difference(a, PythonIntSet::FromList({99, 3})).Values(),
              ElementsAre(0, 16, 4, 17));
  EXPECT_THAT(PythonIntSet::Difference(a, a).Values(), ElementsAre());
}

TEST(PythonIntSetTest, HoldsManyValues) {
  std::vector<int64_t> values(1000);
  std::iota(values.begin(), values.end(), 0);
  const PythonIntSet set = PythonIntSet::FromList(values);
  EXPECT_EQ(set.Values(), values);
  EXPECT_EQ(PythonIntSet::Difference(set, PythonIntSet::FromList({7})).size(), 999);
}

}  // namespace
}  // namespace magenta_serving
