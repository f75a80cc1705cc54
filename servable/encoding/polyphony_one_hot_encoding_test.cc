#include "servable/encoding/polyphony_one_hot_encoding.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "servable/encoding/one_hot_event_sequence_encoder_decoder.h"

namespace magenta_serving {
namespace {

using Event = PolyphonicEvent;

TEST(PolyphonyOneHotEncodingTest, NumbersEventsAndPitches) {
  const PolyphonyOneHotEncoding encoding;
  EXPECT_EQ(encoding.num_classes(), 259);
  EXPECT_EQ(*encoding.EncodeEvent({Event::kStart}), 0);
  EXPECT_EQ(*encoding.EncodeEvent({Event::kEnd}), 1);
  EXPECT_EQ(*encoding.EncodeEvent({Event::kStepEnd}), 2);
  EXPECT_EQ(*encoding.EncodeEvent({Event::kNewNote, 0}), 3);
  EXPECT_EQ(*encoding.EncodeEvent({Event::kNewNote, 127}), 130);
  EXPECT_EQ(*encoding.EncodeEvent({Event::kContinuedNote, 0}), 131);
  EXPECT_EQ(*encoding.EncodeEvent({Event::kContinuedNote, 127}), 258);
  for (int index = 0; index < encoding.num_classes(); ++index)
    EXPECT_EQ(*encoding.EncodeEvent(*encoding.DecodeEvent(index)), index);
}

TEST(PolyphonyOneHotEncodingTest, DecodesSpecialEventsWithPitchZero) {
  const PolyphonyOneHotEncoding encoding;
  EXPECT_EQ(*encoding.DecodeEvent(2), (Event{Event::kStepEnd, 0}));
  EXPECT_NE(*encoding.DecodeEvent(2), Event{Event::kStepEnd});
  EXPECT_EQ(*encoding.DecodeEvent(3), (Event{Event::kNewNote, 0}));
  EXPECT_EQ(encoding.default_event(), (Event{Event::kStepEnd, 0}));
}

TEST(PolyphonyOneHotEncodingTest, RefusesWhatHasNoClass) {
  const PolyphonyOneHotEncoding encoding;
  EXPECT_EQ(encoding.DecodeEvent(259).status().message(), "ValueError: Unknown event index: 259");
  EXPECT_FALSE(encoding.DecodeEvent(-1).ok());
  EXPECT_EQ(encoding.EncodeEvent({Event::kNewNote}).status().message(),
            "TypeError: a note without a pitch has no class");
}

TEST(PolyphonyOneHotEncodingTest, EncodesSequences) {
  const OneHotEventSequenceEncoderDecoder<Event> encoder(
      std::make_unique<PolyphonyOneHotEncoding>());
  EXPECT_EQ(encoder.input_size(), 259);
  EXPECT_EQ(encoder.default_event_label(), 2);
  const std::vector<Event> events = {{Event::kStart}, {Event::kNewNote, 60}};
  std::vector<float> input(encoder.input_size());
  ASSERT_TRUE(encoder.EventsToInput(events, 1, absl::MakeSpan(input)).ok());
  EXPECT_EQ(input[63], 1.0f);
  EXPECT_EQ(std::count(input.begin(), input.end(), 0.0f), 258);
}

}  // namespace
}  // namespace magenta_serving
