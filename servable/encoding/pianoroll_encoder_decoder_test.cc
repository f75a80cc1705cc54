#include "servable/encoding/pianoroll_encoder_decoder.h"

#include <cmath>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(PianorollEncoderDecoderTest, HasABitForEachKey) {
  const PianorollEncoderDecoder encoder;
  const std::vector<PianorollEvent> events = {{3}, {87, 0, 41}};
  std::vector<float> input(88, std::nanf(""));
  ASSERT_TRUE(encoder.EventsToInput(events, 1, absl::MakeSpan(input)).ok());
  const PianorollLabel label = encoder.EventsToLabel(events, 1).value();
  for (int key = 0; key < 88; ++key) {
    const bool down = key == 0 || key == 41 || key == 87;
    EXPECT_EQ(input[key], down ? 1.0f : 0.0f);
    EXPECT_EQ(label[key], down ? 1 : 0);
    EXPECT_EQ(encoder.num_classes()[key], 2);
    EXPECT_EQ(encoder.default_event_label()[key], 0);
  }
  EXPECT_THAT(encoder.ClassIndexToEvent(label, events).value(), ElementsAre(0, 41, 87));
}

TEST(PianorollEncoderDecoderTest, RefusesKeysThatAPianoDoesNotHave) {
  const PianorollEncoderDecoder encoder;
  std::vector<float> input(88);
  for (const int key : {-1, 88}) {
    const std::vector<PianorollEvent> events = {{key}};
    EXPECT_THAT(
        std::string(encoder.EventsToInput(events, 0, absl::MakeSpan(input)).message()),
        HasSubstr("IndexError"));
    EXPECT_FALSE(encoder.EventsToLabel(events, 0).ok());
  }
  EXPECT_FALSE(encoder.EventsToLabel({}, 0).ok());
}

}  // namespace
}  // namespace magenta_serving
