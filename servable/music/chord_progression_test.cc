#include "servable/music/chord_progression.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/music/quantize.h"
#include "servable/music/test_util/note_sequences.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Chords at sixteenths of 120 qpm, quantized.
NoteSequence QuantizedChords(const std::vector<std::pair<double, std::string>>& chords,
                             int64_t total_steps, int numerator = 4, int denominator = 4) {
  NoteSequence sequence;
  AddTimeSignature(numerator, denominator, 0, sequence);
  for (const auto& [step, text] : chords) {
    NoteSequence::TextAnnotation* annotation = sequence.add_text_annotations();
    annotation->set_time(step * 0.125);
    annotation->set_text(text);
    annotation->set_annotation_type(NoteSequence::TextAnnotation::CHORD_SYMBOL);
  }
  sequence.set_total_time(total_steps * 0.125);
  return QuantizeNoteSequence(sequence, 4).value();
}

absl::StatusOr<ChordProgression> Extract(const NoteSequence& quantized) {
  return ChordProgression::FromQuantizedSequence(quantized, 0, quantized.total_quantized_steps());
}

TEST(ChordProgressionTest, FollowsTheAnnotations) {
  NoteSequence quantized = QuantizedChords({{4, "G"}, {2, "C"}, {4.2, "G"}, {9, "F"}}, 6, 3);
  quantized.add_text_annotations()->set_text("la");  // lyrics are no chords
  const ChordProgression chords = Extract(quantized).value();
  EXPECT_THAT(chords.events(), ElementsAre("N.C.", "N.C.", "C", "C", "G", "G"));
  EXPECT_EQ(chords.start_step(), 0);
  EXPECT_EQ(chords.end_step(), 6);
  EXPECT_EQ(chords.steps_per_bar(), 12);
  EXPECT_EQ(chords.steps_per_quarter(), 4);
}

TEST(ChordProgressionTest, TakesAPartOfTheSequence) {
  const NoteSequence quantized =
      QuantizedChords({{0, "C"}, {0, "Dm"}, {1, "Em"}, {4, "F"}, {8, "G"}}, 16);
  const ChordProgression chords =
      ChordProgression::FromQuantizedSequence(quantized, 2, 6).value();
  EXPECT_THAT(chords.events(), ElementsAre("Em", "Em", "F", "F"));
  EXPECT_EQ(chords.start_step(), 2);
  EXPECT_EQ(chords.end_step(), 6);
  EXPECT_THAT(ChordProgression::FromQuantizedSequence(quantized, 4, 5)->events(),
              ElementsAre("F"));
}

TEST(ChordProgressionTest, RaisesWhatNoteSeqRaises) {
  EXPECT_EQ(Extract(QuantizedChords({{1, "C"}, {1.2, "G"}}, 8)).status().message(),
            "CoincidentChordsError: chords C and G are coincident");
  EXPECT_EQ(Extract(QuantizedChords({}, 0)).status().message(),
            "BadChordError: Start step does not precede end step: start=0, end=0");
  EXPECT_THAT(Extract(QuantizedChords({}, 8, 3, 32)).status().message(),
              HasSubstr("AttributeError"));
  EXPECT_THAT(Extract(NoteSequence()).status().message(), HasSubstr("QuantizationStatusError"));
}

TEST(ChordProgressionTest, HoldsItsBounds) {
  EXPECT_THAT(Extract(QuantizedChords({}, kMaxEvents + 1)).status().message(),
              HasSubstr("at most 1048576 are supported"));
  EXPECT_THAT(Extract(QuantizedChords({{0, std::string(2000, 'C')}}, 8)).status().message(),
              HasSubstr("2000 bytes"));
}

TEST(ChordProgressionTest, SetsItsLength) {
  ChordProgression chords({"C", "G", "F"});
  ASSERT_TRUE(chords.SetLength(4).ok());
  EXPECT_THAT(chords.events(), ElementsAre("C", "G", "F", "N.C."));
  EXPECT_EQ(chords.end_step(), 4);
  ASSERT_TRUE(chords.SetLength(-2).ok());
  EXPECT_THAT(chords.events(), ElementsAre("C", "G"));
  EXPECT_EQ(chords.end_step(), -2);
  ASSERT_TRUE(chords.SetLength(-9).ok());
  EXPECT_THAT(chords.events(), ElementsAre());
  EXPECT_FALSE(chords.SetLength(kMaxEvents + 1).ok());
}

TEST(ChordProgressionTest, DropsItsBeginning) {
  ChordProgression chords({"C", "G", "F"});
  chords.DropBefore(0);
  EXPECT_EQ(chords.size(), 3);
  chords.DropBefore(2);
  EXPECT_THAT(chords.events(), ElementsAre("F"));
  EXPECT_EQ(chords.start_step(), 2);
  EXPECT_EQ(chords.end_step(), 3);
  chords.DropBefore(9);
  EXPECT_THAT(chords.events(), ElementsAre());
  EXPECT_EQ(chords.start_step(), 3);
}

TEST(ChordProgressionTest, Transposes) {
  ChordProgression chords({"C", "N.C.", "Am7/G"});
  ASSERT_TRUE(chords.Transpose(-1).ok());
  EXPECT_THAT(chords.events(), ElementsAre("B", "N.C.", "Abm7/Gb"));
  EXPECT_EQ(ChordProgression({"C", "X"}).Transpose(0).message(),
            "ChordSymbolError: Unable to parse chord symbol: X");
}

TEST(ChordProgressionTest, AnnotatesChanges) {
  const NoteSequence sequence =
      ChordProgression({"N.C.", "C", "C", "G", "N.C."}).ToSequence(0.5, 60).value();
  EXPECT_EQ(sequence.tempos(0).qpm(), 60);
  EXPECT_EQ(sequence.ticks_per_quarter(), 220);
  ASSERT_EQ(sequence.text_annotations_size(), 3);
  EXPECT_EQ(sequence.text_annotations(0).text(), "C");
  EXPECT_EQ(sequence.text_annotations(0).time(), 0.75);
  EXPECT_EQ(sequence.text_annotations(0).annotation_type(),
            NoteSequence::TextAnnotation::CHORD_SYMBOL);
  EXPECT_EQ(sequence.text_annotations(2).text(), "N.C.");
  EXPECT_EQ(sequence.text_annotations(2).time(), 1.5);
  EXPECT_FALSE(ChordProgression({"C"}).ToSequence(0, 0).ok());
}

}  // namespace
}  // namespace magenta_serving
