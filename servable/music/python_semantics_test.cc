#include "servable/music/python_semantics.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(FloorModTest, HasTheSignOfTheDivisor) {
  EXPECT_EQ(FloorMod(7, 16), 7);
  EXPECT_EQ(FloorMod(-7, 16), 9);
  EXPECT_EQ(FloorMod(7, -16), -9);
  EXPECT_EQ(FloorMod(-32, 16), 0);
  EXPECT_EQ(FloorMod(std::numeric_limits<int64_t>::min(), -1), 0);
}

TEST(PythonSortedOrderTest, IsStable) {
  EXPECT_THAT(PythonSortedOrder({2, 1, 2, 0, 1}), ElementsAre(3, 1, 4, 0, 2));
  EXPECT_THAT(PythonSortedOrder({}), ElementsAre());
}

TEST(PythonSortedOrderTest, LeavesNaNsWhereCPythonDoes) {
  EXPECT_THAT(PythonSortedOrder({kNaN, 0}), ElementsAre(0, 1));
  EXPECT_THAT(PythonSortedOrder({2, kNaN, 1}), ElementsAre(0, 1, 2));
  EXPECT_THAT(PythonSortedOrder({3, 2, kNaN, 1}), ElementsAre(3, 1, 0, 2));
}

TEST(PythonSortedOrderTest, SortsLongListsWithNaNsLast) {
  std::vector<double> keys(100);
  for (int i = 0; i < 100; ++i) keys[i] = i % 10 == 0 ? kNaN : 100 - i;
  const std::vector<int> order = PythonSortedOrder(keys);
  EXPECT_EQ(order[0], 99);
  EXPECT_EQ(order[89], 1);
  EXPECT_EQ(order[90], 0);
  EXPECT_EQ(order[99], 90);
}

}  // namespace
}  // namespace magenta_serving
