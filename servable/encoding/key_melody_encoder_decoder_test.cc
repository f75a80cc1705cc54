#include "servable/encoding/key_melody_encoder_decoder.h"

#include <random>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/encoding/test_util/inputs.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<float> InputOfLast(const std::vector<int>& events) {
  return InputOf(KeyMelodyEncoderDecoder(48, 84), events, static_cast<int>(events.size()) - 1);
}

std::vector<float> Counters(const std::vector<float>& input) {
  return {input.begin() + 42, input.begin() + 49};
}

TEST(KeyMelodyEncoderDecoderTest, HasAttentionRnnsSizes) {
  const KeyMelodyEncoderDecoder encoder(48, 84);
  EXPECT_EQ(encoder.input_size(), 74);
  EXPECT_EQ(encoder.num_classes(), 40);
  EXPECT_EQ(encoder.default_event_label(), 36);
}

TEST(KeyMelodyEncoderDecoderTest, WritesTheFirstNote) {
  const std::vector<float> input = InputOfLast({60});
  EXPECT_THAT(Ones(input, 0, 42), ElementsAre(12, 36, 38));
  EXPECT_THAT(Counters(input), ElementsAre(1, -1, -1, -1, -1, -1, -1));
  EXPECT_THAT(Ones(input, 49, 74),
              ElementsAre(50, 51, 53, 55, 57, 58, 60, 62, 63, 65, 67, 69, 70, 72));
}

TEST(KeyMelodyEncoderDecoderTest, ShowsTheAttackInTheStepAfterWhereItIsANoteOff) {
  EXPECT_THAT(Ones(InputOfLast({60, -1}), 0, 42), ElementsAre(37, 38));
  EXPECT_THAT(Ones(InputOfLast({60, -2}), 0, 42), ElementsAre(12, 36));
  EXPECT_THAT(Ones(InputOfLast({60, -2, -1}), 0, 42), ElementsAre(37));
  EXPECT_THAT(Ones(InputOfLast({-1}), 0, 42), ElementsAre(37));
}

TEST(KeyMelodyEncoderDecoderTest, WritesDirectionAndKeys) {
  std::vector<float> input = InputOfLast({-1, 60, 64, 62, -2});
  EXPECT_EQ(input[39], -1);
  input[39] = 0;
  EXPECT_THAT(Ones(input, 0, 42), ElementsAre(14, 36));
  EXPECT_THAT(Counters(input), ElementsAre(1, -1, 1, -1, -1, -1, -1));
  EXPECT_THAT(Ones(input, 49, 74), ElementsAre(50, 55, 57, 62, 67, 69));
  EXPECT_EQ(InputOfLast({60, 64, 64})[39], 1);
  EXPECT_EQ(InputOfLast({60, 60})[39], 0);
}

TEST(KeyMelodyEncoderDecoderTest, WritesRepeatsAndBars) {
  const std::vector<float> seventeen = InputOfLast(std::vector<int>(17, 60));
  EXPECT_THAT(Ones(seventeen, 40, 42), ElementsAre(40));
  EXPECT_THAT(Counters(seventeen), ElementsAre(1, -1, -1, -1, 1, -1, -1));
  EXPECT_EQ(seventeen[49], 0);
  EXPECT_EQ(InputOfLast(std::vector<int>(16, 60))[49], 1);
  // Repeats are of the events as they are, not as Melody would clean them.
  std::vector<int> events(17, -2);
  events[0] = -1;
  EXPECT_THAT(Ones(InputOfLast(events), 40, 42), IsEmpty());
}

TEST(KeyMelodyEncoderDecoderTest, TakesPitch0ForSilence) {
  EXPECT_THAT(Ones(InputOf(KeyMelodyEncoderDecoder(0, 128), std::vector<int>{0}, 0), 0, 131),
              ElementsAre(129, 130));
}

TEST(KeyMelodyEncoderDecoderTest, WritesAllPositionsInOnePass) {
  std::mt19937 random(7);
  std::vector<int> events(200);
  for (int& event : events) {
    const int draw = random() % 50;
    event = draw < 36 ? 48 + draw : draw < 40 ? -1 : -2;
  }
  const KeyMelodyEncoderDecoder encoder(48, 84);
  for (int begin : {0, 150}) {
    const auto [together, one_by_one] = AllInputs(encoder, events, begin);
    EXPECT_EQ(together, one_by_one);
  }
}

TEST(KeyMelodyEncoderDecoderTest, LabelsAndDecodes) {
  std::vector<int> events(34, -2);
  events[0] = events[16] = events[32] = 60;
  events[2] = events[17] = 62;
  events[3] = -1;
  events[33] = 64;
  std::vector<int> expected(34, 39);
  expected[0] = 12;
  expected[2] = expected[17] = 14;
  expected[3] = 37;
  expected[16] = 38;
  expected[33] = 16;
  const KeyMelodyEncoderDecoder encoder(48, 84);
  EXPECT_EQ(LabelsOf(encoder, events), expected);
  std::vector<int> decoded;
  for (int label : {0, 35, 36, 37, 38, 39}) {
    decoded.push_back(encoder.ClassIndexToEvent(label, events).value());
  }
  EXPECT_THAT(decoded, ElementsAre(48, 83, -2, -1, -2, 62));
  EXPECT_EQ(*encoder.ClassIndexToEvent(39, absl::MakeConstSpan(events).first(20)), -2);
}

TEST(KeyMelodyEncoderDecoderTest, RefusesBadEventsAndPositions) {
  const KeyMelodyEncoderDecoder encoder(48, 84);
  std::vector<float> input(encoder.input_size());
  EXPECT_EQ(encoder.EventsToInput({128, 60}, 1, absl::MakeSpan(input)).message(),
            "ValueError: Melody event out of range: 128");
  EXPECT_EQ(encoder.EventsToInput({60}, 1, absl::MakeSpan(input)).message(),
            "IndexError: list index out of range");
  EXPECT_EQ(encoder.EventsToInput({60}, -2, absl::MakeSpan(input)).message(),
            "IndexError: list index out of range");
  EXPECT_TRUE(encoder.EventsToInput({}, -1, absl::MakeSpan(input)).ok());
  EXPECT_EQ(KeyMelodyEncoderDecoder(48, 84, {}).EventsToLabel({60}, 0).status().message(),
            "IndexError: list index out of range");
}

}  // namespace
}  // namespace magenta_serving
