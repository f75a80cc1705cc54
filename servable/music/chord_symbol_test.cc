#include "servable/music/chord_symbol.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;

std::vector<int> PitchesOf(const std::string& figure) {
  return ChordSymbol::Parse(figure).value().Pitches().value();
}

ChordQuality QualityOf(const std::string& figure) {
  return ChordSymbol::Parse(figure).value().Quality().value();
}

std::string ParseError(const std::string& figure) {
  const absl::Status status = ChordSymbol::Parse(figure).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << figure;
  return std::string(status.message());
}

TEST(ChordSymbolTest, ReadsRootAndBass) {
  EXPECT_EQ(ChordSymbol::Parse("C")->root(), 0);
  EXPECT_EQ(ChordSymbol::Parse("Cb")->root(), 11);
  EXPECT_EQ(ChordSymbol::Parse("B#")->root(), 0);
  EXPECT_EQ(ChordSymbol::Parse("A####")->root(), 1);
  EXPECT_EQ(ChordSymbol::Parse("Gbbbbbbbb")->root(), 11);
  EXPECT_EQ(ChordSymbol::Parse("Eb7")->bass(), 3);
  EXPECT_EQ(ChordSymbol::Parse("Eb7/Db")->bass(), 1);
  EXPECT_EQ(ChordSymbol::Parse("Eb7/Db")->root(), 3);
}

TEST(ChordSymbolTest, ReadsKinds) {
  EXPECT_THAT(PitchesOf("D"), ElementsAre(2, 6, 9));
  EXPECT_THAT(PitchesOf("Dm7b5"), ElementsAre(2, 5, 8, 0));
  EXPECT_THAT(PitchesOf("D/o7"), ElementsAre(2, 5, 8, 0));
  EXPECT_THAT(PitchesOf("Co7"), ElementsAre(0, 3, 6, 9));
  EXPECT_THAT(PitchesOf("C6/9"), ElementsAre(0, 4, 7, 9, 2));
  EXPECT_THAT(PitchesOf("C6/G"), ElementsAre(0, 4, 7, 9));
  EXPECT_THAT(PitchesOf("Cmin(M7)/Bb"), ElementsAre(0, 3, 7, 11));
  EXPECT_THAT(PitchesOf("Cmaj13"), ElementsAre(0, 4, 7, 11, 2, 5, 9));
  EXPECT_THAT(PitchesOf("Cb5"), ElementsAre(11, 6));  // a power chord on Cb
  EXPECT_THAT(PitchesOf("C(b5)"), ElementsAre(0, 4, 6));
  EXPECT_THAT(PitchesOf("Cped"), ElementsAre(0));
}

TEST(ChordSymbolTest, ModifiesDegrees) {
  EXPECT_THAT(PitchesOf("Cadd9"), ElementsAre(0, 4, 7, 2));
  EXPECT_THAT(PitchesOf("C7(b9"), ElementsAre(0, 4, 7, 10, 1));
  EXPECT_THAT(PitchesOf("C9(#9)"), ElementsAre(0, 4, 7, 10, 3));
  EXPECT_THAT(PitchesOf("Cmaddb13no5)"), ElementsAre(0, 3, 8));
  EXPECT_THAT(PitchesOf("Cno3add3"), ElementsAre(0, 7, 4));
  EXPECT_THAT(PitchesOf("C(#11)(b11)"), ElementsAre(0, 4, 7, 5));
  // An added 7 is a minor seventh, an altered one is not; degree 0 lies below the root.
  EXPECT_THAT(PitchesOf("Cadd7"), ElementsAre(0, 4, 7, 10));
  EXPECT_THAT(PitchesOf("C(b7)"), ElementsAre(0, 4, 7, 10));
  EXPECT_THAT(PitchesOf("Cadd0"), ElementsAre(0, 4, 7, 11));
  // 1 + 7 * 14285714285714285714285714285 is the root again.
  EXPECT_THAT(PitchesOf("Cadd99999999999999999999999999996"), ElementsAre(0, 4, 7, 0));
}

TEST(ChordSymbolTest, RefusesModificationsThatDoNotApply) {
  const auto error = [](const std::string& figure) {
    const ChordSymbol symbol = ChordSymbol::Parse(figure).value();
    EXPECT_EQ(symbol.Quality().status(), symbol.Pitches().status());
    return std::string(symbol.Pitches().status().message());
  };
  EXPECT_EQ(error("Cadd05"), "ChordSymbolError: Scale degree already in chord: 5");
  EXPECT_EQ(error("C7addb9add9"), "ChordSymbolError: Scale degree already in chord: 9");
  EXPECT_EQ(error("Cno9"), "ChordSymbolError: Scale degree not in chord: 9");
  // Its root is known nevertheless.
  EXPECT_EQ(ChordSymbol::Parse("Gno9")->root(), 7);
}

TEST(ChordSymbolTest, TellsQualities) {
  EXPECT_EQ(QualityOf("Cmaj9"), ChordQuality::kMajor);
  EXPECT_EQ(QualityOf("C-6"), ChordQuality::kMinor);
  EXPECT_EQ(QualityOf("C(#5)"), ChordQuality::kAugmented);
  EXPECT_EQ(QualityOf("C/o"), ChordQuality::kDiminished);
  EXPECT_EQ(QualityOf("Csus"), ChordQuality::kOther);
  EXPECT_EQ(QualityOf("C5"), ChordQuality::kOther);
  EXPECT_EQ(QualityOf("Cno5"), ChordQuality::kOther);
  EXPECT_EQ(QualityOf("C(b5)"), ChordQuality::kOther);
  EXPECT_EQ(QualityOf("Cno1add#1"), ChordQuality::kOther);
}

TEST(ChordSymbolTest, RefusesWhatIsNoSymbol) {
  EXPECT_EQ(ParseError("H7"), "ChordSymbolError: Unable to parse chord symbol: H7");
  for (const char* figure :
       {"", "N.C.", "c", "C#b", "Cb#9", "C##b5", "Cfoo", "C/H", "C/", "C7/", "C/G/E", "C/G7",
        "C ", " C", "C\n\n", "\n", "C-5", "Cadd", "C(", "C()", "C)", "C((b5)", "C##9add", "CM7M7",
        "Cadd##9", "Cno#3", "Csus24", "C\xc3\xb8"}) {
    ParseError(figure);
  }
  EXPECT_EQ(ParseError(std::string(1025, 'C')),
            "a chord symbol has 1025 bytes; at most 1024 are supported");
}

TEST(ChordSymbolTest, Transposes) {
  const auto transposed = [](const std::string& figure, int semitones) {
    return ChordSymbol::Parse(figure).value().Transposed(semitones);
  };
  EXPECT_EQ(transposed("C", 1), "Db");
  EXPECT_EQ(transposed("C#m7(b5)/G##", 1), "Dm7(b5)/A#");
  EXPECT_EQ(transposed("Bb7", 1), "Cb7");
  EXPECT_EQ(transposed("Abb", 1), "Ab");
  EXPECT_EQ(transposed("E", -1), "Eb");
  EXPECT_EQ(transposed("C/E", 0), "C/E");
  EXPECT_EQ(transposed("Gsus/F", 26), "Asus/G");
  // A newline at the end is tolerated, and lost.
  EXPECT_EQ(transposed("C/Eb\n", 0), "C/Eb");
}

}  // namespace
}  // namespace magenta_serving
