#include "servable/rnn/nade.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// Two hidden units, three bits.
Nade SmallNade() {
  return Nade(3, 2, {0.5f, -1.0f, 2.0f, 0.25f, 1.0f, 1.0f},
              {1.0f, -2.0f, 0.5f, 0.75f, -1.5f, 3.0f});
}

const std::vector<float> kEncoderBias = {0.1f, -0.3f};
const std::vector<float> kDecoderBias = {0.2f, -0.1f, 0.4f};

TEST(NadeTest, EachBitDependsOnThoseBefore) {
  std::vector<float> probabilities;
  const float log_likelihood = SmallNade().Choose(
      kEncoderBias, kDecoderBias, [&](int dim, float probability) {
        EXPECT_EQ(dim, probabilities.size());
        probabilities.push_back(probability);
        return dim != 1;
      });
  const double first = Sigmoid(0.2 + Sigmoid(0.1) - 2 * Sigmoid(-0.3));
  // The first bit is 1, the second 0.
  const double second = Sigmoid(-0.1 + 0.5 * Sigmoid(0.6) + 0.75 * Sigmoid(-1.3));
  const double third = Sigmoid(0.4 - 1.5 * Sigmoid(0.6) + 3 * Sigmoid(-1.3));
  ASSERT_EQ(probabilities.size(), 3);
  EXPECT_NEAR(probabilities[0], first, 1e-6);
  EXPECT_NEAR(probabilities[1], second, 1e-6);
  EXPECT_NEAR(probabilities[2], third, 1e-6);
  EXPECT_NEAR(log_likelihood, std::log(first) + std::log(1 - second) + std::log(third), 1e-5);
}

TEST(NadeTest, ProbabilitiesOfAllVectorsAddUpToOne) {
  double sum = 0;
  for (int bits = 0; bits < 8; ++bits) {
    const std::vector<float> values = {float(bits & 1), float(bits >> 1 & 1), float(bits >> 2)};
    sum += std::exp(SmallNade().LogProbability(kEncoderBias, kDecoderBias, values));
  }
  EXPECT_NEAR(sum, 1, 1e-4);
}

TEST(NadeTest, ImpossibleBitsHaveAFiniteLikelihood) {
  const float log_likelihood =
      SmallNade().LogProbability(kEncoderBias, {-1000.0f, 1000.0f, 0.0f}, {1, 0, 0});
  EXPECT_NEAR(log_likelihood, 2 * std::log(1e-6), 1.5);
}

}  // namespace
}  // namespace magenta_serving
