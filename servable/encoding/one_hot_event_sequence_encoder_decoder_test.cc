#include "servable/encoding/one_hot_event_sequence_encoder_decoder.h"

#include <memory>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/encoding/melody_one_hot_encoding.h"
#include "servable/encoding/test_util/inputs.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;

TEST(OneHotEventSequenceEncoderDecoderTest, EncodesTheEvent) {
  const OneHotEventSequenceEncoderDecoder<int> encoder(
      std::make_unique<MelodyOneHotEncoding>(48, 84));
  EXPECT_EQ(encoder.input_size(), 38);
  EXPECT_EQ(encoder.num_classes(), 38);
  EXPECT_EQ(encoder.default_event_label(), 0);
  const std::vector<int> events = {60, -2, -1, 83};
  EXPECT_THAT(Ones(InputOf(encoder, events, 0), 0, 38), ElementsAre(14));
  EXPECT_THAT(Ones(InputOf(encoder, events, 2), 0, 38), ElementsAre(1));
  EXPECT_THAT(LabelsOf(encoder, events), ElementsAre(14, 0, 1, 37));
  const auto [together, one_by_one] = AllInputs(encoder, events, 1);
  EXPECT_EQ(together, one_by_one);
  EXPECT_EQ(*encoder.ClassIndexToEvent(37, events), 83);
}

TEST(OneHotEventSequenceEncoderDecoderTest, RefusesUnknownEventsAndPositions) {
  const OneHotEventSequenceEncoderDecoder<int> encoder(
      std::make_unique<MelodyOneHotEncoding>(48, 84));
  std::vector<float> input(encoder.input_size());
  EXPECT_EQ(encoder.EventsToInput({90}, 0, absl::MakeSpan(input)).message(),
            "ValueError: melody event greater than max note: 90 >= 84");
  EXPECT_EQ(encoder.EventsToInput({60}, 1, absl::MakeSpan(input)).message(),
            "IndexError: list index out of range");
  EXPECT_EQ(encoder.EventsToLabel({}, -1).status().message(),
            "IndexError: list index out of range");
}

}  // namespace
}  // namespace magenta_serving
