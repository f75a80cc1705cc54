#include "servable/encoding/conditional_event_sequence_encoder_decoder.h"

#include <memory>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/encoding/melody_one_hot_encoding.h"
#include "servable/encoding/one_hot_event_sequence_encoder_decoder.h"
#include "servable/encoding/test_util/inputs.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;

std::unique_ptr<EventSequenceEncoderDecoder<int>> OneHot(int min_note, int max_note) {
  return std::make_unique<OneHotEventSequenceEncoderDecoder<int>>(
      std::make_unique<MelodyOneHotEncoding>(min_note, max_note));
}

class ConditionalEventSequenceEncoderDecoderTest : public testing::Test {
 protected:
  // Controls are melodies of 12 pitches, targets of 36: 14 and 38 classes.
  ConditionalEventSequenceEncoderDecoderTest() : encoder_(OneHot(36, 48), OneHot(48, 84)) {}

  ConditionalEventSequenceEncoderDecoder<int, int> encoder_;
  const std::vector<int> controls_ = {36, 40, 47, -1};
  const std::vector<int> targets_ = {60, -2, 83};
};

TEST_F(ConditionalEventSequenceEncoderDecoderTest, LooksOneControlAhead) {
  EXPECT_EQ(encoder_.input_size(), 14 + 38);
  std::vector<float> input(encoder_.input_size(), 9.0f);
  ASSERT_TRUE(encoder_.EventsToInput(controls_, targets_, 0, absl::MakeSpan(input)).ok());
  EXPECT_THAT(Ones(input, 0, 14), ElementsAre(2 + 4));
  EXPECT_THAT(Ones(input, 14, 52), ElementsAre(14 + 14));
}

TEST_F(ConditionalEventSequenceEncoderDecoderTest, InputsTogetherAreThoseOneByOne) {
  const int size = encoder_.input_size();
  std::vector<float> together(2 * size, 9.0f);
  ASSERT_TRUE(encoder_.EventsToInputs(controls_, targets_, 1, absl::MakeSpan(together)).ok());
  std::vector<float> one_by_one(2 * size, 9.0f);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(encoder_
                    .EventsToInput(controls_, targets_, 1 + i,
                                   absl::MakeSpan(one_by_one).subspan(i * size, size))
                    .ok());
  }
  EXPECT_EQ(together, one_by_one);
}

TEST_F(ConditionalEventSequenceEncoderDecoderTest, LabelsAreTheTargets) {
  EXPECT_EQ(encoder_.num_classes(), 38);
  EXPECT_EQ(encoder_.default_event_label(), 0);
  EXPECT_EQ(encoder_.EventsToLabel(targets_, 2).value(), 37);
  EXPECT_EQ(encoder_.ClassIndexToEvent(37, targets_).value(), 83);
}

TEST_F(ConditionalEventSequenceEncoderDecoderTest, NeedsMoreControlsThanTargets) {
  std::vector<float> inputs(3 * encoder_.input_size());
  EXPECT_EQ(encoder_
                .EventsToInputs(absl::MakeConstSpan(controls_).subspan(0, 3), targets_, 0,
                                absl::MakeSpan(inputs))
                .message(),
            "ValueError: control event sequence must be longer than target event sequence (3 "
            "control events but 3 target events)");
}

}  // namespace
}  // namespace magenta_serving
