#include "servable/encoding/performance_one_hot_encoding.h"

#include <memory>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/encoding/one_hot_index_event_sequence_encoder_decoder.h"
#include "servable/encoding/test_util/inputs.h"
#include "servable/music/test_util/performance_events.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;

TEST(PerformanceOneHotEncodingTest, NumbersEventsByType) {
  const PerformanceOneHotEncoding encoding(32);
  EXPECT_EQ(encoding.num_classes(), 388);
  EXPECT_EQ(PerformanceOneHotEncoding(0).num_classes(), 356);
  EXPECT_EQ(encoding.default_event(), Shift(100));
  EXPECT_EQ(*encoding.EncodeEvent(On(0)), 0);
  EXPECT_EQ(*encoding.EncodeEvent(Off(0)), 128);
  EXPECT_EQ(*encoding.EncodeEvent(Shift(1)), 256);
  EXPECT_EQ(*encoding.EncodeEvent(Shift(100)), 355);
  EXPECT_EQ(*encoding.EncodeEvent(Velocity(32)), 387);
  for (int index = 0; index < encoding.num_classes(); ++index) {
    EXPECT_EQ(*encoding.EncodeEvent(*encoding.DecodeEvent(index)), index);
  }
}

TEST(PerformanceOneHotEncodingTest, RefusesTypesAndIndicesButNotValues) {
  const PerformanceOneHotEncoding encoding(32);
  EXPECT_EQ(encoding.EncodeEvent({PerformanceEvent::kDuration, 1}).status().message(),
            "ValueError: Unknown event type: 5");
  EXPECT_EQ(PerformanceOneHotEncoding(0).EncodeEvent(Velocity(1)).status().message(),
            "ValueError: Unknown event type: 4");
  EXPECT_EQ(encoding.DecodeEvent(388).status().message(), "ValueError: Unknown event index: 388");
  EXPECT_EQ(*encoding.EncodeEvent(Shift(0)), 255);
  EXPECT_EQ(*encoding.EncodeEvent(Velocity(127)), 482);
}

TEST(OneHotPerformanceTest, HasNoInputForClassesBeyondTheLast) {
  const OneHotEventSequenceEncoderDecoder<PerformanceEvent> encoder(
      std::make_unique<PerformanceOneHotEncoding>(32));
  const std::vector<PerformanceEvent> events = {Off(3), Velocity(33)};
  EXPECT_THAT(Ones(InputOf(encoder, events, 0), 0, 388), ElementsAre(131));
  std::vector<float> input(388);
  EXPECT_EQ(encoder.EventsToInput(events, 1, absl::MakeSpan(input)).message(),
            "IndexError: list assignment index out of range");
}

TEST(OneHotIndexPerformanceTest, GivesTheClassItself) {
  const OneHotIndexEventSequenceEncoderDecoder<PerformanceEvent> encoder(
      std::make_unique<PerformanceOneHotEncoding>(32));
  EXPECT_EQ(encoder.input_size(), 1);
  EXPECT_EQ(encoder.num_classes(), 388);
  EXPECT_EQ(encoder.default_event_label(), 355);
  const std::vector<PerformanceEvent> events = {Off(3), Shift(7), Velocity(33)};
  EXPECT_THAT(AllInputs(encoder, events, 0).first, ElementsAre(131, 262, 388));
  EXPECT_THAT(LabelsOf(encoder, events), ElementsAre(131, 262, 388));
  EXPECT_EQ(encoder.ClassIndexToEvent(131, events).value(), Off(3));
}

}  // namespace
}  // namespace magenta_serving
