#include "servable/encoding/modulo_performance_encoder_decoder.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/encoding/test_util/inputs.h"
#include "servable/music/test_util/performance_events.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;

// All of `input` but [begin, end), which must be 0, left out.
std::vector<float> Group(const std::vector<float>& input, int begin, int end) {
  for (int i = 0; i < static_cast<int>(input.size()); ++i) {
    if (i < begin || i >= end) EXPECT_EQ(input[i], 0.0f) << "at " << i;
  }
  return {input.begin() + begin, input.begin() + end};
}

float Cos(double parts_of_circle) { return std::cos(parts_of_circle * 2 * M_PI); }
float Sin(double parts_of_circle) { return std::sin(parts_of_circle * 2 * M_PI); }

TEST(ModuloPerformanceEncoderDecoderTest, PutsEventsOnCircles) {
  const ModuloPerformanceEncoderDecoder encoder(32);
  EXPECT_EQ(encoder.input_size(), 16);
  EXPECT_EQ(ModuloPerformanceEncoderDecoder(0).input_size(), 13);
  const std::vector<PerformanceEvent> events = {On(61), Off(127), Shift(26), Velocity(9)};
  EXPECT_THAT(Group(InputOf(encoder, events, 0), 0, 5),
              ElementsAre(1, testing::FloatEq(Cos(61 / 144.0)), testing::FloatEq(Sin(61 / 144.0)),
                          testing::FloatEq(Cos(1 / 12.0)), testing::FloatEq(Sin(1 / 12.0))));
  EXPECT_THAT(Group(InputOf(encoder, events, 1), 5, 10),
              ElementsAre(1, testing::FloatEq(Cos(127 / 144.0)), testing::FloatEq(Sin(127 / 144.0)),
                          testing::FloatEq(Cos(7 / 12.0)), testing::FloatEq(Sin(7 / 12.0))));
  EXPECT_THAT(Group(InputOf(encoder, events, 2), 10, 13),
              ElementsAre(1, testing::FloatNear(0, 1e-7), 1));
  EXPECT_THAT(Group(InputOf(encoder, events, 3), 13, 16),
              ElementsAre(1, testing::FloatNear(0, 1e-7), 1));
  const auto [together, one_by_one] = AllInputs(encoder, events, 1);
  EXPECT_EQ(together, one_by_one);
}

TEST(ModuloPerformanceEncoderDecoderTest, HasTheLabelsOfTheOneHotEncoding) {
  const ModuloPerformanceEncoderDecoder encoder(32);
  EXPECT_EQ(encoder.num_classes(), 388);
  EXPECT_EQ(encoder.default_event_label(), 355);
  EXPECT_THAT(LabelsOf(encoder, std::vector<PerformanceEvent>{On(61), Velocity(9)}),
              ElementsAre(61, 364));
  EXPECT_EQ(encoder.ClassIndexToEvent(364, {}).value(), Velocity(9));
}

TEST(ModuloPerformanceEncoderDecoderTest, RefusesWhatIsOnNoCircle) {
  const auto error = [](const ModuloPerformanceEncoderDecoder& encoder, PerformanceEvent event) {
    std::vector<float> input(encoder.input_size());
    return std::string(encoder.EventsToInput({event}, 0, absl::MakeSpan(input)).message());
  };
  const ModuloPerformanceEncoderDecoder encoder(32);
  EXPECT_EQ(error(encoder, Shift(101)), "ValueError: Unexpected time shift value: 100");
  EXPECT_EQ(error(encoder, Shift(0)), "ValueError: Unexpected time shift value: -1");
  EXPECT_EQ(error(encoder, Velocity(33)), "ValueError: Unexpected velocity value: 32");
  EXPECT_EQ(error(ModuloPerformanceEncoderDecoder(0), Velocity(1)),
            "ValueError: Unknown event type: 4");
}

}  // namespace
}  // namespace magenta_serving
