#include "servable/encoding/performance_control_encoder.h"

#include <limits>
#include <memory>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/encoding/test_util/inputs.h"

namespace magenta_serving {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

std::shared_ptr<const absl::StatusOr<PitchHistogram>> Histogram(const PitchHistogram& weights) {
  return std::make_shared<const absl::StatusOr<PitchHistogram>>(weights);
}

TEST(PerformanceControlEncoderTest, BinsDensities) {
  const PerformanceControlEncoder encoder({/*note_density=*/true});
  EXPECT_EQ(encoder.input_size(), 8);
  const auto bin = [&](double notes_per_second) {
    const std::vector<PerformanceControl> events = {{false, notes_per_second, nullptr}};
    return Ones(InputOf(encoder, events, 0), 0, 8);
  };
  EXPECT_THAT(bin(-1), ElementsAre(0));
  EXPECT_THAT(bin(0.99), ElementsAre(0));
  EXPECT_THAT(bin(1), ElementsAre(1));
  EXPECT_THAT(bin(15), ElementsAre(4));
  EXPECT_THAT(bin(63), ElementsAre(6));
  EXPECT_THAT(bin(64), ElementsAre(7));
  EXPECT_THAT(bin(std::numeric_limits<double>::infinity()), ElementsAre(7));
}

TEST(PerformanceControlEncoderTest, NormalizesHistograms) {
  const PerformanceControlEncoder encoder({false, /*pitch_histogram=*/true});
  EXPECT_EQ(encoder.input_size(), 12);
  std::vector<PerformanceControl> events(4);
  events[0].pitch_class_histogram = Histogram({1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1});
  events[1].pitch_class_histogram = Histogram({-3, 1});
  events[3].pitch_class_histogram = std::make_shared<const absl::StatusOr<PitchHistogram>>(
      absl::InvalidArgumentError("TypeError: 'int' object is not iterable"));
  EXPECT_THAT(InputOf(encoder, events, 0),
              ElementsAre(0.25f, 0, 0, 0, 0, 0, 0, 0.5f, 0, 0, 0, 0.25f));
  EXPECT_THAT(InputOf(encoder, events, 1), Each(static_cast<float>(1.0 / 12)));
  EXPECT_THAT(InputOf(encoder, events, 2), Each(static_cast<float>(1.0 / 12)));
  std::vector<float> input(12);
  EXPECT_EQ(encoder.EventsToInput(events, 3, absl::MakeSpan(input)).message(),
            "TypeError: 'int' object is not iterable");
  EXPECT_EQ(encoder.EventsToInput(events, 4, absl::MakeSpan(input)).message(),
            "IndexError: list index out of range");
}

TEST(PerformanceControlEncoderTest, CanBeDisabled) {
  const PerformanceControlEncoder encoder({true, true, /*optional=*/true});
  EXPECT_EQ(encoder.input_size(), 21);
  const std::vector<PerformanceControl> events = {{false, 2, Histogram({1})},
                                                  {true, 2, Histogram({1})}};
  EXPECT_THAT(Ones(InputOf(encoder, events, 0), 0, 21), ElementsAre(3, 9));
  EXPECT_THAT(Ones(InputOf(encoder, events, 1), 0, 21), ElementsAre(0));
}

}  // namespace
}  // namespace magenta_serving
