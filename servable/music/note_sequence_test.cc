#include "servable/music/note_sequence.h"

#include <limits>

#include "gtest/gtest.h"
#include "servable/music/test_util/note_sequences.h"

namespace magenta_serving {
namespace {

TEST(TrimNoteSequenceTest, KeepsNotesThatStartInsideAndCutsThemAtTheEnd) {
  NoteSequence sequence = SequenceOf({{0, 1, 60}, {1, 2, 61}, {1.5, 4, 62}, {3, 4, 63}});
  AddTempo(90, 0, sequence);
  const auto trimmed = TrimNoteSequence(sequence, 1, 3);
  ASSERT_TRUE(trimmed.ok());
  ASSERT_EQ(trimmed->notes_size(), 2);
  EXPECT_EQ(trimmed->notes(0).pitch(), 61);
  EXPECT_EQ(trimmed->notes(0).start_time(), 1);
  EXPECT_EQ(trimmed->notes(1).pitch(), 62);
  EXPECT_EQ(trimmed->notes(1).end_time(), 3);
  EXPECT_EQ(trimmed->total_time(), 3);
  EXPECT_EQ(trimmed->tempos(0).qpm(), 90);
}

TEST(TrimNoteSequenceTest, ComparesNothingWithNaN) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto trimmed = TrimNoteSequence(SequenceOf({{0, 1}, {5, 6}}), nan, nan);
  ASSERT_TRUE(trimmed.ok());
  EXPECT_EQ(trimmed->notes_size(), 2);
  EXPECT_EQ(trimmed->notes(1).end_time(), 6);
  EXPECT_EQ(trimmed->total_time(), 6);
}

TEST(TrimNoteSequenceTest, RefusesQuantizedSequences) {
  NoteSequence sequence;
  sequence.mutable_quantization_info()->set_steps_per_second(100);
  EXPECT_EQ(TrimNoteSequence(sequence, 0, 1).status().message(),
            "QuantizationStatusError: Can only trim notes and chords for unquantized "
            "NoteSequence.");
}

}  // namespace
}  // namespace magenta_serving
