#include "servable/encoding/note_performance_encoder_decoder.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/encoding/test_util/inputs.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;

TEST(NotePerformanceEncoderDecoderTest, MakesSixNumbersOfANote) {
  const NotePerformanceEncoderDecoder encoder(32);
  EXPECT_EQ(encoder.input_size(), 315);
  EXPECT_THAT(encoder.num_classes(), ElementsAre(13, 77, 128, 32, 25, 40));
  EXPECT_THAT(encoder.default_event_label(), ElementsAre(0, 0, 60, 0, 0, 0));
  const std::vector<NotePerformanceEvent> events = {{1000, 127, 32, 1000}, {76, 0, 1, 41}};
  EXPECT_THAT(LabelsOf(encoder, events),
              ElementsAre(ElementsAre(12, 76, 127, 31, 24, 39), ElementsAre(0, 76, 0, 0, 1, 0)));
  EXPECT_THAT(Ones(InputOf(encoder, events, 0), 0, 315), ElementsAre(12, 89, 217, 249, 274, 314));
  EXPECT_THAT(Ones(InputOf(encoder, events, 1), 0, 315), ElementsAre(0, 89, 90, 218, 251, 275));
  for (const NotePerformanceEvent& event : events) {
    const NotePerformanceLabel label = encoder.EventsToLabel({event}, 0).value();
    EXPECT_EQ(encoder.ClassIndexToEvent(label, {}).value(), event);
  }
}

TEST(NotePerformanceEncoderDecoderTest, RefusesVelocitiesBeyondTheBins) {
  const NotePerformanceEncoderDecoder encoder(32);
  std::vector<float> input(315);
  EXPECT_EQ(encoder.EventsToInput({{0, 60, 33, 1}}, 0, absl::MakeSpan(input)).message(),
            "IndexError: list assignment index out of range");
  EXPECT_EQ(encoder.EventsToInput({}, 0, absl::MakeSpan(input)).message(),
            "IndexError: list index out of range");
}

}  // namespace
}  // namespace magenta_serving
