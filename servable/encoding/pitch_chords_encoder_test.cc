#include "servable/encoding/pitch_chords_encoder.h"

#include <cmath>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;

// The elements that are 1; all others are 0.
std::vector<int> OnesOf(const std::string& figure) {
  std::vector<float> input(37, std::nanf(""));
  EXPECT_TRUE(PitchChordsEncoder().EventsToInput({"Am", figure}, 1, absl::MakeSpan(input)).ok());
  std::vector<int> ones;
  for (int i = 0; i < 37; ++i) {
    if (input[i] == 1.0f) {
      ones.push_back(i);
    } else {
      EXPECT_EQ(input[i], 0.0f) << "at " << i;
    }
  }
  return ones;
}

TEST(PitchChordsEncoderTest, EncodesRootPitchesAndBass) {
  EXPECT_EQ(PitchChordsEncoder().input_size(), 37);
  EXPECT_THAT(OnesOf("N.C."), ElementsAre(0));
  EXPECT_THAT(OnesOf("C"), ElementsAre(1, 13, 17, 20, 25));
  EXPECT_THAT(OnesOf("Bsus4/A"), ElementsAre(12, 17, 19, 24, 34));
  EXPECT_THAT(OnesOf("Dped"), ElementsAre(3, 15, 27));
}

TEST(PitchChordsEncoderTest, RefusesWhatIsNoSymbolOrPosition) {
  std::vector<float> input(37);
  EXPECT_EQ(PitchChordsEncoder().EventsToInput({"H"}, 0, absl::MakeSpan(input)).message(),
            "ChordSymbolError: Unable to parse chord symbol: H");
  EXPECT_EQ(PitchChordsEncoder().EventsToInput({"Cno2"}, 0, absl::MakeSpan(input)).message(),
            "ChordSymbolError: Scale degree not in chord: 2");
  EXPECT_EQ(PitchChordsEncoder().EventsToInput({"C"}, 1, absl::MakeSpan(input)).message(),
            "IndexError: list index out of range");
}

}  // namespace
}  // namespace magenta_serving
