#include "servable/music/pianoroll_sequence.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/music/quantize.h"
#include "servable/music/test_util/note_sequences.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

PianorollSequence Extract(const std::vector<TestNote>& notes, int64_t start_step = 0) {
  return PianorollSequence::FromQuantizedSequence(
             *QuantizeNoteSequence(SequenceOfSteps(notes), 4), start_step)
      .value();
}

// Pitch, start and end in steps.
std::vector<std::vector<double>> NotesOf(const PianorollSequence& sequence) {
  std::vector<std::vector<double>> notes;
  const NoteSequence written = sequence.ToSequence(100, 0, 0, 60).value();
  for (const auto& note : written.notes()) {
    notes.push_back({double(note.pitch()), note.start_time() * 4, note.end_time() * 4});
  }
  return notes;
}

TEST(PianorollSequenceTest, KeysAreDownWhileNotesSound) {
  const PianorollSequence sequence = Extract({{0, 2, 60}, {1, 3, 21}, {1, 2, 109}, {0, 4, 20}});
  EXPECT_THAT(sequence.events(),
              ElementsAre(ElementsAre(39), ElementsAre(0, 39), ElementsAre(0), IsEmpty()));
  EXPECT_EQ(sequence.steps_per_quarter(), 4);
}

TEST(PianorollSequenceTest, RepeatedNotesAreSplit) {
  EXPECT_THAT(Extract({{0, 2, 60}, {2, 4, 60}}).events(),
              ElementsAre(ElementsAre(39), IsEmpty(), ElementsAre(39), ElementsAre(39)));
  // Only where the earlier note comes first.
  EXPECT_THAT(Extract({{2, 4, 60}, {0, 2, 60}}).events(),
              ElementsAre(ElementsAre(39), ElementsAre(39), ElementsAre(39), IsEmpty()));
}

TEST(PianorollSequenceTest, TheStepBeforeTheFirstIsTheLast) {
  EXPECT_THAT(Extract({{0, 3, 60}, {0, 1, 60}}).events(),
              ElementsAre(ElementsAre(39), ElementsAre(39), IsEmpty()));
}

TEST(PianorollSequenceTest, LeavesOutNotesThatBeginEarlier) {
  const PianorollSequence sequence = Extract({{0, 5, 60}, {3, 5, 62}}, 2);
  EXPECT_THAT(sequence.events(), ElementsAre(IsEmpty(), ElementsAre(41), ElementsAre(41)));
  EXPECT_EQ(sequence.start_step(), 2);
}

TEST(PianorollSequenceTest, FollowsNumpysIndexing) {
  NoteSequence backwards = SequenceOfSteps({{4, 1, 60}, {0, 8, 62}});
  const auto extract = [&](int64_t start_step) {
    return PianorollSequence::FromQuantizedSequence(*QuantizeNoteSequence(backwards, 4),
                                                    start_step);
  };
  EXPECT_EQ(extract(0)->size(), 8);
  // The end is 3 before step 4, which is 1 before the last row.
  EXPECT_THAT(extract(4)->events(),
              ElementsAre(ElementsAre(39), IsEmpty(), IsEmpty(), IsEmpty()));
  EXPECT_THAT(std::string(extract(9).status().message()),
              HasSubstr("ValueError: negative dimensions are not allowed"));
  backwards = SequenceOfSteps({{4, 1, 60}});
  EXPECT_THAT(std::string(extract(0).status().message()),
              HasSubstr("IndexError: index 3 is out of bounds for axis 0 with size 1"));
  EXPECT_THAT(std::string(extract(1).status().message()), HasSubstr("IndexError"));
}

TEST(PianorollSequenceTest, RefusesAbsurdLengths) {
  NoteSequence sequence = SequenceOfSteps({{0, 1, 60}});
  sequence.set_total_time(1e15);
  EXPECT_THAT(std::string(PianorollSequence::FromQuantizedSequence(
                              *QuantizeNoteSequence(sequence, 4))
                              .status()
                              .message()),
              HasSubstr("at most 1048576"));
  PianorollSequence pianoroll;
  EXPECT_EQ(pianoroll.SetLength(kMaxEvents + 1).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(pianoroll.SetLength(-1).message()), HasSubstr("AssertionError"));
}

TEST(PianorollSequenceTest, TakesPitchesOfAPiano) {
  const PianorollSequence sequence =
      PianorollSequence::FromPitches({{60, 20, 21}, {}, {109, 108, 55}}, 4);
  EXPECT_THAT(sequence.events(), ElementsAre(ElementsAre(39, 0), IsEmpty(), ElementsAre(87, 34)));
}

TEST(PianorollSequenceTest, HeldKeysAreOneNote) {
  EXPECT_THAT(NotesOf(PianorollSequence({{39}, {39, 41}, {41}, {}, {41}}, 4)),
              ElementsAre(ElementsAre(60, 0, 2), ElementsAre(62, 1, 3), ElementsAre(62, 4, 5)));
}

TEST(PianorollSequenceTest, NotesThatBeginTogetherStandInTheOrderOfTheSet) {
  // CPython iterates set((3, 40, 8)) as 40, 8, 3.
  EXPECT_THAT(NotesOf(PianorollSequence({{3, 40, 8}}, 4)),
              ElementsAre(ElementsAre(61, 0, 1), ElementsAre(29, 0, 1), ElementsAre(24, 0, 1)));
}

TEST(PianorollSequenceTest, TotalTimeIsThatOfTheLastStep) {
  const auto total = [](const PianorollSequence& sequence) {
    return sequence.ToSequence(100, 0, 0, 60)->total_time();
  };
  // Python counts from the last index, so that silence at the end is one step shorter.
  EXPECT_EQ(total(PianorollSequence({{39}, {}, {}}, 4)), 0.5);
  EXPECT_EQ(total(PianorollSequence({{39}, {}, {39}}, 4)), 0.75);
  EXPECT_EQ(total(PianorollSequence({{39}}, 4, 8)), 2.25);
  EXPECT_EQ(total(PianorollSequence({}, 4)), 0);
  EXPECT_EQ(PianorollSequence({{39}}, 4).ToSequence(100, 0, 0, 0).status().message(),
            "ZeroDivisionError: float division by zero");
  EXPECT_THAT(
      std::string(
          PianorollSequence({{39}, {}, {}}, 4).ToSequence(100, 0, 0, -60).status().message()),
      HasSubstr("AssertionError"));
}

}  // namespace
}  // namespace magenta_serving
