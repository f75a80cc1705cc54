#include "servable/music/chord_renderer.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;

void Annotate(double time, const std::string& text, NoteSequence& sequence) {
  NoteSequence::TextAnnotation* annotation = sequence.add_text_annotations();
  annotation->set_time(time);
  annotation->set_text(text);
  annotation->set_annotation_type(NoteSequence::TextAnnotation::CHORD_SYMBOL);
}

std::vector<int> PitchesAt(double time, const NoteSequence& sequence) {
  std::vector<int> pitches;
  for (const NoteSequence::Note& note : sequence.notes()) {
    if (note.start_time() == time) pitches.push_back(note.pitch());
  }
  return pitches;
}

TEST(ChordRendererTest, HoldsEachChordUntilTheNext) {
  NoteSequence sequence;
  sequence.set_total_time(3.5);
  Annotate(2, "N.C.", sequence);
  Annotate(1, "G7/F", sequence);
  Annotate(3, "Am", sequence);
  Annotate(3.5, "no symbol", sequence);  // behind the end
  sequence.add_text_annotations()->set_text("no chord");
  ASSERT_TRUE(RenderChords(50, sequence).ok());
  EXPECT_THAT(PitchesAt(1, sequence), ElementsAre(55, 59, 50, 53, 41));
  EXPECT_THAT(PitchesAt(3, sequence), ElementsAre(57, 48, 52, 45));
  ASSERT_EQ(sequence.notes_size(), 9);
  const NoteSequence::Note& first = sequence.notes(0);
  EXPECT_EQ(first.end_time(), 2);
  EXPECT_EQ(first.velocity(), 50);
  EXPECT_EQ(first.instrument(), 1);
  EXPECT_EQ(first.program(), 88);
  EXPECT_EQ(sequence.notes(8).end_time(), 3.5);
  EXPECT_EQ(sequence.total_time(), 3.5);
}

TEST(ChordRendererTest, NeedsSymbols) {
  NoteSequence sequence;
  Annotate(0, "Cno9", sequence);
  EXPECT_TRUE(RenderChords(50, sequence).ok());  // nothing sounds
  sequence.set_total_time(1);
  EXPECT_EQ(RenderChords(50, sequence).message(),
            "ChordSymbolError: Scale degree not in chord: 9");
}

}  // namespace
}  // namespace magenta_serving
