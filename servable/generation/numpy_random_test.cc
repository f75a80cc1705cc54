#include "servable/generation/numpy_random.h"

#include <limits>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(NumpyRandomTest, DrawsWhatNumpyDraws) {
  NumpyRandom random(12345);
  EXPECT_EQ(random.RandomSample(), 0.9296160928171479);
  EXPECT_EQ(random.RandomSample(), 0.3163755545817859);
  EXPECT_EQ(random.RandomSample(), 0.18391881167709445);
  EXPECT_EQ(NumpyRandom(4294967295u).RandomSample(), 0.0976320289940138);
}

TEST(NumpyRandomTest, SkipsLikeDrawing) {
  for (const int draws : {0, 1, 311, 312, 313, 1000, 5000}) {
    NumpyRandom skipping(0), drawing(0);
    skipping.Skip(draws);
    for (int i = 0; i < draws; ++i) drawing.RandomSample();
    EXPECT_EQ(skipping.RandomSample(), drawing.RandomSample()) << draws;
  }
}

TEST(NumpyRandomTest, ChoosesWhatNumpyChooses) {
  NumpyRandom random(5);
  std::vector<int> choices;
  for (int i = 0; i < 20; ++i) choices.push_back(random.Choice({0.1f, 0.2f, 0.3f, 0.4f}).value());
  EXPECT_THAT(choices, ElementsAre(1, 3, 1, 3, 2, 3, 3, 2, 1, 1, 0, 3, 2, 1, 3, 1, 2, 1, 3, 2));
}

TEST(NumpyRandomTest, RefusesWhatNumpyRefusesWithoutADraw) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  NumpyRandom random(1);
  EXPECT_THAT(random.Choice({nan, 1.0f}).status().message(),
              HasSubstr("ValueError: probabilities contain NaN"));
  EXPECT_THAT(random.Choice({-0.1f, 1.1f}).status().message(),
              HasSubstr("probabilities are not non-negative"));
  EXPECT_THAT(random.Choice({0.5f, 0.4996f}).status().message(),
              HasSubstr("probabilities do not sum to 1"));
  EXPECT_THAT(random.Choice({}).status().message(), HasSubstr("ValueError"));
  EXPECT_EQ(random.RandomSample(), NumpyRandom(1).RandomSample());
  EXPECT_TRUE(random.Choice({0.5f, 0.4999f}).ok());
}

}  // namespace
}  // namespace magenta_serving
