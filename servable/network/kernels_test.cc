#include "servable/network/kernels.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/network/aligned_buffer.h"

namespace magenta_serving {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

class KernelsTest : public ::testing::TestWithParam<const Kernels*> {
 protected:
  const Kernels& kernels() const { return *GetParam(); }
  bool fuses() const { return std::string(kernels().name) != "baseline"; }

  AlignedBuffer Random(size_t size, float deviation = 1) {
    std::normal_distribution<float> normal(0, deviation);
    AlignedBuffer values(size);
    for (size_t i = 0; i < size; ++i) values.data()[i] = normal(random_);
    return values;
  }

  std::mt19937 random_{5};
};

// One accumulation after another, whatever the number of rows: equal to the bit.
TEST_P(KernelsTest, MultipliesInOneOrder) {
  for (const int depth : {0, 1, 17, 64}) {
    for (const int panels : {1, 2, 4, 7}) {
      for (int rows = 1; rows <= 27; ++rows) {
        const int width = panels * kPanel;
        const AlignedBuffer a = Random(rows * depth + 1), w = Random(width * depth + 1);
        AlignedBuffer c = Random(rows * width);
        std::vector<float> expected(c.data(), c.data() + rows * width);
        for (int r = 0; r < rows; ++r) {
          for (int column = 0; column < width; ++column) {
            float& sum = expected[r * width + column];
            for (int k = 0; k < depth; ++k) {
              const float x = a.data()[r * depth + k];
              const float weight =
                  w.data()[(column / kPanel * depth + k) * kPanel + column % kPanel];
              sum = fuses() ? std::fma(x, weight, sum) : x * weight + sum;
            }
          }
        }
        kernels().multiply_add(a.data(), depth, rows, depth, w.data(), panels, c.data(), width);
        const std::vector<float> computed(c.data(), c.data() + rows * width);
        ASSERT_EQ(computed, expected) << rows << " rows, depth " << depth << ", " << panels;
      }
    }
  }
}

TEST_P(KernelsTest, UpdatesCells) {
  for (const float deviation : {0.1f, 1.0f, 10.0f, 1000.0f}) {
    const AlignedBuffer gates = Random(kGateGroup, deviation), cells = Random(kPanel, deviation);
    float new_cells[kPanel], new_hidden[kPanel];
    kernels().update_cells(gates.data(), cells.data(), new_cells, new_hidden);
    const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
    for (int i = 0; i < kPanel; ++i) {
      const float* gate = gates.data() + i;
      const double cell = cells.data()[i] * sigmoid(gate[2 * kPanel]) +
                          sigmoid(gate[0]) * std::tanh(static_cast<double>(gate[kPanel]));
      EXPECT_NEAR(new_cells[i], cell, 3e-7 * std::max(1.0, std::abs(cell)));
      EXPECT_NEAR(new_hidden[i], std::tanh(cell) * sigmoid(gate[3 * kPanel]), 3e-7);
    }
  }
}

TEST_P(KernelsTest, TanhIsPreciseNearZero) {
  // With gates that are open or shut the new cell is the candidate's tanh, the hidden value its
  // own.
  for (const float x : {1e-6f, 1e-3f, 0.1f, 0.62f, 0.63f, 3.0f, 9.5f, 80.0f, -0.3f, -4.0f}) {
    AlignedBuffer gates(kGateGroup), cells(kPanel);
    for (int i = 0; i < kPanel; ++i) {
      gates.data()[i] = 100;                // input
      gates.data()[kPanel + i] = x;         // candidate
      gates.data()[2 * kPanel + i] = -100;  // forget
      gates.data()[3 * kPanel + i] = 100;   // output
    }
    float cell[kPanel], hidden[kPanel];
    kernels().update_cells(gates.data(), cells.data(), cell, hidden);
    EXPECT_NEAR(cell[0], std::tanh(x), 3e-7 * std::abs(std::tanh(x)));
    EXPECT_NEAR(hidden[0], std::tanh(std::tanh(x)), 6e-7 * std::abs(std::tanh(x)));
  }
}

TEST_P(KernelsTest, NotANumberStaysOne) {
  AlignedBuffer gates(kGateGroup), cells(kPanel);
  gates.data()[3] = kNan;
  float cell[kPanel], hidden[kPanel];
  kernels().update_cells(gates.data(), cells.data(), cell, hidden);
  EXPECT_TRUE(std::isnan(cell[3]));
  EXPECT_TRUE(std::isnan(hidden[3]));
  EXPECT_FALSE(std::isnan(cell[4]));
}

TEST_P(KernelsTest, Softmax) {
  for (const int size : {1, 2, 15, 16, 17, 38, 388}) {
    for (const float temperature : {1.0f, 0.3f, 2.5f}) {
      AlignedBuffer values = Random(size, 20);
      std::vector<double> expected(size);
      double sum = 0;
      for (int i = 0; i < size; ++i)
        sum += expected[i] = std::exp(static_cast<double>(values.data()[i] / temperature));
      kernels().softmax(values.data(), size, temperature);
      for (int i = 0; i < size; ++i)
        EXPECT_NEAR(values.data()[i], expected[i] / sum, 3e-5 * expected[i] / sum + 1e-30);
    }
  }
}

TEST_P(KernelsTest, SoftmaxOfWhatIsNoNumber) {
  float values[] = {1, kNan, 2};
  kernels().softmax(values, 3, 1);
  for (const float value : values) EXPECT_TRUE(std::isnan(value));
  float infinite[] = {1, std::numeric_limits<float>::infinity(), 2};
  kernels().softmax(infinite, 3, 1);
  EXPECT_TRUE(std::isnan(infinite[1]));
}

TEST_P(KernelsTest, AttendsToARing) {
  constexpr int kLength = 5, kSize = 32;
  const AlignedBuffer memory = Random(kLength * kSize), keys = Random(kLength * kSize),
                      query = Random(kSize), scale = Random(kSize);
  for (int first = 0; first < kLength; ++first) {
    std::vector<double> weights(kLength);
    double sum = 0;
    for (int l = 0; l < kLength; ++l) {
      double score = 0;
      for (int i = 0; i < kSize; ++i) {
        score += scale.data()[i] *
                 std::tanh(static_cast<double>(keys.data()[l * kSize + i]) + query.data()[i]);
      }
      sum += weights[l] = std::exp(score);
    }
    AlignedBuffer scores(kPanel), out(kSize);
    kernels().attend(memory.data(), keys.data(), kLength, kSize, first, query.data(), scale.data(),
                     scores.data(), out.data());
    for (int i = 0; i < kSize; ++i) {
      double expected = 0;
      for (int l = 0; l < kLength; ++l) expected += weights[l] / sum * memory.data()[l * kSize + i];
      EXPECT_NEAR(out.data()[i], expected, 2e-6);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, KernelsTest, ::testing::ValuesIn(SupportedKernels()),
                         [](const ::testing::TestParamInfo<const Kernels*>& info) {
                           std::string name = info.param->name;
                           name.erase(std::remove(name.begin(), name.end(), '-'), name.end());
                           return name;
                         });

// Every instruction set with fused multiply-add gives the same bits.
TEST(KernelsTest, InstructionSetsAgree) {
  std::mt19937 random(11);
  std::normal_distribution<float> normal(0, 2);
  std::vector<float> gates(kGateGroup), cells(kPanel), logits(53);
  for (std::vector<float>* values : {&gates, &cells, &logits}) {
    for (float& value : *values) value = normal(random);
  }
  std::vector<std::vector<float>> results;
  for (const Kernels* kernels : SupportedKernels()) {
    if (std::string(kernels->name) == "baseline") continue;
    std::vector<float> result(2 * kPanel);
    kernels->update_cells(gates.data(), cells.data(), result.data(), result.data() + kPanel);
    std::vector<float> softmax = logits;
    kernels->softmax(softmax.data(), static_cast<int>(softmax.size()), 0.7f);
    result.insert(result.end(), softmax.begin(), softmax.end());
    results.push_back(result);
  }
  for (const auto& result : results) EXPECT_EQ(result, results[0]);
}

}  // namespace
}  // namespace magenta_serving
