#include "servable/encoding/melody_one_hot_encoding.h"

#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

TEST(MelodyOneHotEncodingTest, NumbersSpecialEventsAndPitches) {
  const MelodyOneHotEncoding encoding(48, 84);
  EXPECT_EQ(encoding.num_classes(), 38);
  EXPECT_EQ(encoding.default_event(), -2);
  EXPECT_EQ(*encoding.EncodeEvent(-2), 0);
  EXPECT_EQ(*encoding.EncodeEvent(-1), 1);
  EXPECT_EQ(*encoding.EncodeEvent(48), 2);
  EXPECT_EQ(*encoding.EncodeEvent(83), 37);
  for (int index = 0; index < encoding.num_classes(); ++index) {
    EXPECT_EQ(*encoding.EncodeEvent(*encoding.DecodeEvent(index)), index);
  }
}

TEST(MelodyOneHotEncodingTest, RefusesOtherEvents) {
  const MelodyOneHotEncoding encoding(48, 84);
  EXPECT_EQ(encoding.EncodeEvent(-3).status().message(),
            "ValueError: invalid melody event value: -3");
  EXPECT_EQ(encoding.EncodeEvent(47).status().message(),
            "ValueError: melody event less than min note: 47 < 48");
  EXPECT_EQ(encoding.EncodeEvent(84).status().message(),
            "ValueError: melody event greater than max note: 84 >= 84");
}

TEST(MelodyOneHotEncodingTest, ChecksRanges) {
  EXPECT_TRUE(MelodyOneHotEncoding::CheckRange(0, 128).ok());
  EXPECT_EQ(MelodyOneHotEncoding::CheckRange(-1, 5).message(),
            "ValueError: min_note must be >= 0. min_note is -1.");
  EXPECT_EQ(MelodyOneHotEncoding::CheckRange(0, 129).message(),
            "ValueError: max_note must be <= 128. max_note is 129.");
  EXPECT_EQ(MelodyOneHotEncoding::CheckRange(5, 5).message(),
            "ValueError: max_note must be greater than min_note");
}

}  // namespace
}  // namespace magenta_serving
