#include "servable/music/lead_sheet.h"

#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

TEST(LeadSheetTest, JoinsNotesAndChords) {
  const NoteSequence sequence =
      LeadSheetToSequence(Melody::Create({60, -2, 62}).value(), ChordProgression({"C", "C", "G"}),
                          60)
          .value();
  ASSERT_EQ(sequence.notes_size(), 2);
  EXPECT_EQ(sequence.notes(1).start_time(), 0.5);
  ASSERT_EQ(sequence.text_annotations_size(), 2);
  EXPECT_EQ(sequence.text_annotations(1).text(), "G");
  EXPECT_EQ(sequence.text_annotations(1).time(), 0.5);
  EXPECT_EQ(sequence.tempos_size(), 1);
  EXPECT_EQ(sequence.total_time(), 0.75);
}

TEST(LeadSheetTest, RefusesPartsThatDoNotMatch) {
  const Melody melody = Melody::Create({60, -2}).value();
  EXPECT_EQ(LeadSheetToSequence(melody, ChordProgression({"C"})).status().message(),
            "MelodyChordsMismatchError: ");
  const Melody later = Melody::Create({60, -2}, 1).value();
  EXPECT_FALSE(LeadSheetToSequence(later, ChordProgression({"C", "C"})).ok());
  const Melody waltz = Melody::Create({60, -2}, 0, 12).value();
  EXPECT_FALSE(LeadSheetToSequence(waltz, ChordProgression({"C", "C"})).ok());
  EXPECT_TRUE(LeadSheetToSequence(melody, ChordProgression({"C", "C"})).ok());
}

}  // namespace
}  // namespace magenta_serving
