#include "servable/encoding/lookback_event_sequence_encoder_decoder.h"

#include <memory>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/encoding/melody_one_hot_encoding.h"
#include "servable/encoding/test_util/inputs.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;

// 60, -2, 62, -1, twelve -2, 60, 62, fourteen -2, 60, 64.
std::vector<int> TestEvents() {
  std::vector<int> events(34, -2);
  events[0] = events[16] = events[32] = 60;
  events[2] = events[17] = 62;
  events[3] = -1;
  events[33] = 64;
  return events;
}

std::vector<float> Counters(const std::vector<float>& input) {
  return {input.begin() + 114, input.begin() + 119};
}

TEST(LookbackEventSequenceEncoderDecoderTest, WritesEventsRepeatsAndCounters) {
  const LookbackEventSequenceEncoderDecoder<int> encoder(
      std::make_unique<MelodyOneHotEncoding>(48, 84));
  EXPECT_EQ(encoder.input_size(), 121);
  EXPECT_EQ(encoder.num_classes(), 40);
  EXPECT_EQ(encoder.default_event_label(), 0);
  const std::vector<int> events = TestEvents();

  const std::vector<float> first = InputOf(encoder, events, 0);
  EXPECT_THAT(Ones(first, 0, 114), ElementsAre(14, 38, 76));
  EXPECT_THAT(Counters(first), ElementsAre(1, -1, -1, -1, -1));
  EXPECT_THAT(Ones(first, 119, 121), ElementsAre());

  const std::vector<float> repeat = InputOf(encoder, events, 16);
  EXPECT_THAT(Ones(repeat, 119, 121), ElementsAre(119));

  const std::vector<float> last = InputOf(encoder, events, 33);
  EXPECT_THAT(Ones(last, 0, 114), ElementsAre(18, 38, 92));
  EXPECT_THAT(Counters(last), ElementsAre(-1, 1, -1, -1, -1));
  EXPECT_THAT(Ones(last, 119, 121), ElementsAre());

  const auto [together, one_by_one] = AllInputs(encoder, events, 0);
  EXPECT_EQ(together, one_by_one);
}

TEST(LookbackEventSequenceEncoderDecoderTest, LabelsRepeatsFirst) {
  const LookbackEventSequenceEncoderDecoder<int> encoder(
      std::make_unique<MelodyOneHotEncoding>(48, 84));
  std::vector<int> expected(34, 39);
  expected[0] = 14;
  expected[2] = expected[17] = 16;
  expected[3] = 1;
  expected[16] = 38;
  expected[33] = 18;
  EXPECT_EQ(LabelsOf(encoder, TestEvents()), expected);
}

TEST(LookbackEventSequenceEncoderDecoderTest, DecodesRepeatsOfTheEventsSoFar) {
  const LookbackEventSequenceEncoderDecoder<int> encoder(
      std::make_unique<MelodyOneHotEncoding>(48, 84));
  const std::vector<int> events = TestEvents();
  EXPECT_EQ(*encoder.ClassIndexToEvent(1, events), -1);
  EXPECT_EQ(*encoder.ClassIndexToEvent(37, events), 83);
  EXPECT_EQ(*encoder.ClassIndexToEvent(38, events), -2);
  EXPECT_EQ(*encoder.ClassIndexToEvent(39, events), 62);
  const auto begin = absl::MakeConstSpan(events).first(16);
  EXPECT_EQ(*encoder.ClassIndexToEvent(38, begin), 60);
  EXPECT_EQ(*encoder.ClassIndexToEvent(39, begin), -2);  // before the beginning
}

// Whether each of two drums is hit.
class TwoDrumsEncoding : public OneHotEncoding<std::set<int>> {
 public:
  int num_classes() const override { return 4; }
  std::set<int> default_event() const override { return {}; }
  absl::StatusOr<int> EncodeEvent(const std::set<int>& event) const override {
    return event.count(36) + 2 * event.count(38);
  }
  absl::StatusOr<std::set<int>> DecodeEvent(int index) const override {
    std::set<int> event;
    if (index & 1) event.insert(36);
    if (index & 2) event.insert(38);
    return event;
  }
};

TEST(LookbackEventSequenceEncoderDecoderTest, DoesWithoutLookbacks) {
  const LookbackEventSequenceEncoderDecoder<std::set<int>> encoder(
      std::make_unique<TwoDrumsEncoding>(), {}, 2);
  EXPECT_EQ(encoder.input_size(), 6);
  EXPECT_EQ(encoder.num_classes(), 4);
  const std::vector<std::set<int>> events = {{}, {36, 38}};
  std::vector<float> input(6);
  ASSERT_TRUE(encoder.EventsToInput(events, 1, absl::MakeSpan(input)).ok());
  EXPECT_THAT(input, ElementsAre(0, 0, 0, 1, -1, 1));
  EXPECT_EQ(*encoder.EventsToLabel(events, 0), 0);
  EXPECT_EQ(*encoder.EventsToLabel(events, 1), 3);
  EXPECT_EQ(*encoder.ClassIndexToEvent(2, events), std::set<int>{38});
}

}  // namespace
}  // namespace magenta_serving
