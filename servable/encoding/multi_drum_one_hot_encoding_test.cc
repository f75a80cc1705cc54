#include "servable/encoding/multi_drum_one_hot_encoding.h"

#include <memory>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/encoding/lookback_event_sequence_encoder_decoder.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;

DrumEvent Hit(const std::vector<int>& pitches) { return DrumEvent(pitches); }

TEST(MultiDrumOneHotEncodingTest, ClassesAreBitsOfDrumTypes) {
  const MultiDrumOneHotEncoding encoding;
  EXPECT_EQ(encoding.num_classes(), 512);
  EXPECT_EQ(encoding.default_event(), DrumEvent());
  EXPECT_EQ(*encoding.EncodeEvent(Hit({})), 0);
  EXPECT_EQ(*encoding.EncodeEvent(Hit({35})), 1);
  EXPECT_EQ(*encoding.EncodeEvent(Hit({36, 35})), 1);
  EXPECT_EQ(*encoding.EncodeEvent(Hit({85, 22, 82})), 2 + 4 + 256);
}

TEST(MultiDrumOneHotEncodingTest, LeavesOutWhatIsNoDrum) {
  const MultiDrumOneHotEncoding encoding;
  EXPECT_EQ(*encoding.EncodeEvent(Hit({0, 36, 88, 127})), 1);
  EXPECT_EQ(*encoding.EncodeEvent(Hit({-1, 128, 1 << 30, 36})), 1);
}

TEST(MultiDrumOneHotEncodingTest, DecodesToTheFirstPitchOfEachType) {
  const MultiDrumOneHotEncoding encoding;
  EXPECT_EQ(encoding.DecodeEvent(0)->pitches(), Hit({}).pitches());
  EXPECT_EQ(*encoding.DecodeEvent(511), Hit({36, 38, 42, 46, 45, 48, 50, 49, 51}));
  // In the order of CPython's set of 48 and 36.
  EXPECT_THAT(encoding.DecodeEvent(1 + 32)->pitches(), ElementsAre(48, 36));
  for (int index = 0; index < 512; ++index) {
    EXPECT_EQ(*encoding.EncodeEvent(*encoding.DecodeEvent(index)), index);
  }
}

TEST(MultiDrumOneHotEncodingTest, DefaultTypesShareNoPitch) {
  std::set<int> pitches;
  size_t count = 0;
  for (const auto& type : DefaultDrumTypePitches()) {
    pitches.insert(type.begin(), type.end());
    count += type.size();
  }
  EXPECT_EQ(count, 63);
  EXPECT_EQ(pitches.size(), count);
}

TEST(MultiDrumOneHotEncodingTest, OneDrumKnowsAllPitches) {
  const MultiDrumOneHotEncoding encoding(OneDrumTypePitches());
  EXPECT_EQ(encoding.num_classes(), 2);
  for (int pitch = 0; pitch < 128; ++pitch) EXPECT_EQ(*encoding.EncodeEvent(Hit({pitch})), 1);
  EXPECT_EQ(*encoding.EncodeEvent(Hit({})), 0);
  EXPECT_EQ(*encoding.EncodeEvent(Hit({200})), 0);
  EXPECT_THAT(encoding.DecodeEvent(1)->pitches(), ElementsAre(39));
}

TEST(MultiDrumOneHotEncodingTest, DrumKitCountsSteps) {
  const LookbackEventSequenceEncoderDecoder<DrumEvent> encoder(
      std::make_unique<MultiDrumOneHotEncoding>(), {}, 6);
  EXPECT_EQ(encoder.input_size(), 518);
  EXPECT_EQ(encoder.num_classes(), 512);
  const std::vector<DrumEvent> events = {Hit({36}), Hit({}), Hit({38, 42})};
  std::vector<float> input(518);
  ASSERT_TRUE(encoder.EventsToInput(events, 2, absl::MakeSpan(input)).ok());
  EXPECT_EQ(input[6], 1);
  EXPECT_EQ(std::vector<float>(input.begin() + 512, input.end()),
            std::vector<float>({1, 1, -1, -1, -1, -1}));
  EXPECT_EQ(*encoder.EventsToLabel(events, 1), 0);
  EXPECT_EQ(*encoder.EventsToLabel(events, 2), 6);
}

}  // namespace
}  // namespace magenta_serving
