#include "servable/encoding/triad_chord_one_hot_encoding.h"

#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

TEST(TriadChordOneHotEncodingTest, NumbersChords) {
  const TriadChordOneHotEncoding encoding;
  EXPECT_EQ(encoding.num_classes(), 49);
  EXPECT_EQ(encoding.default_event(), "N.C.");
  EXPECT_EQ(*encoding.EncodeEvent("N.C."), 0);
  EXPECT_EQ(*encoding.EncodeEvent("C/G"), 1);
  EXPECT_EQ(*encoding.EncodeEvent("Bmaj13"), 12);
  EXPECT_EQ(*encoding.EncodeEvent("C#-7"), 14);
  EXPECT_EQ(*encoding.EncodeEvent("D(#5)"), 27);
  EXPECT_EQ(*encoding.EncodeEvent("B/o7"), 48);
}

TEST(TriadChordOneHotEncodingTest, RefusesOtherChords) {
  const TriadChordOneHotEncoding encoding;
  EXPECT_EQ(encoding.EncodeEvent("Gsus").status().message(),
            "ChordEncodingError: chord is not a standard triad: Gsus");
  EXPECT_EQ(encoding.EncodeEvent("?").status().message(),
            "ChordSymbolError: Unable to parse chord symbol: ?");
  EXPECT_EQ(encoding.EncodeEvent("Cno9").status().message(),
            "ChordSymbolError: Scale degree not in chord: 9");
}

TEST(TriadChordOneHotEncodingTest, NamesItsClasses) {
  const TriadChordOneHotEncoding encoding;
  EXPECT_EQ(*encoding.DecodeEvent(1), "C");
  EXPECT_EQ(*encoding.DecodeEvent(28), "Ebaug");
  for (int index = 0; index < encoding.num_classes(); ++index) {
    EXPECT_EQ(*encoding.EncodeEvent(*encoding.DecodeEvent(index)), index);
  }
}

}  // namespace
}  // namespace magenta_serving
