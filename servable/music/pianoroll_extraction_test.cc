#include "servable/music/pianoroll_extraction.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/music/quantize.h"
#include "servable/music/test_util/note_sequences.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;

TEST(ExtractPianorollSequenceTest, WantsOneProgram) {
  NoteSequence sequence = SequenceOfSteps({{0, 1, 60}, {0, 1, 62, 0}});
  sequence.mutable_notes(0)->set_program(5);
  sequence.mutable_notes(1)->set_program(5);
  // Silent notes are taken, too.
  EXPECT_THAT(ExtractPianorollSequence(*QuantizeNoteSequence(sequence, 4)).value()->events(),
              ElementsAre(ElementsAre(39, 41)));
  sequence.mutable_notes(1)->set_program(6);
  EXPECT_FALSE(ExtractPianorollSequence(*QuantizeNoteSequence(sequence, 4))->has_value());
}

TEST(ExtractPianorollSequenceTest, MayBeEmpty) {
  EXPECT_TRUE(ExtractPianorollSequence(*QuantizeNoteSequence(NoteSequence(), 4)).value()->empty());
  EXPECT_EQ(ExtractPianorollSequence(NoteSequence()).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace magenta_serving
