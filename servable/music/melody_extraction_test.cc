#include "servable/music/melody_extraction.h"

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

absl::StatusOr<std::vector<Melody>> Extract(const std::vector<TestNote>& notes,
                                            int64_t search_start_step = 0,
                                            const MelodyExtractionOptions& options = {}) {
  return ExtractMelodies(*QuantizeNoteSequence(SequenceOfSteps(notes), 4), search_start_step,
                         options);
}

// The only melody.
Melody ExtractOne(const std::vector<TestNote>& notes, int64_t search_start_step = 0) {
  const auto melodies = Extract(notes, search_start_step);
  EXPECT_TRUE(melodies.ok()) << melodies.status();
  EXPECT_EQ(melodies->size(), 1);
  return melodies->at(0);
}

// `notes` of which the times are steps already.
NoteSequence QuantizedSequenceOf(const std::vector<TestNote>& notes, int numerator = 4) {
  NoteSequence sequence = SequenceOf(notes);
  sequence.mutable_quantization_info()->set_steps_per_quarter(4);
  AddTimeSignature(numerator, 4, 0, sequence);
  for (NoteSequence::Note& note : *sequence.mutable_notes()) {
    note.set_quantized_start_step(static_cast<int64_t>(note.start_time()));
    note.set_quantized_end_step(static_cast<int64_t>(note.end_time()));
  }
  return sequence;
}

TEST(ExtractMelodiesTest, StartsAtTheBarLineAndEndsWithTheLastNote) {
  const Melody melody = ExtractOne({{1, 3, 60}, {3, 5, 62}, {8, 9, 64}});
  EXPECT_THAT(melody.events(), ElementsAre(-2, 60, -2, 62, -2, -1, -2, -2, 64));
  EXPECT_EQ(melody.start_step(), 0);
  EXPECT_EQ(melody.end_step(), 9);

  const Melody second_bar = ExtractOne({{20, 24, 60}});
  EXPECT_THAT(second_bar.events(), ElementsAre(-2, -2, -2, -2, 60, -2, -2, -2));
  EXPECT_EQ(second_bar.start_step(), 16);
}

TEST(ExtractMelodiesTest, CountsBarsFromTheSearchStart) {
  const Melody melody = ExtractOne({{20, 21, 60}}, 5);
  EXPECT_EQ(melody.start_step(), 5);
  EXPECT_EQ(melody.events().at(15), 60);
  // The first note lies before the search start.
  const Melody later = ExtractOne({{0, 2, 60}, {20, 24, 62}}, 1);
  EXPECT_THAT(later.events(), ElementsAre(-2, -2, -2, 62, -2, -2, -2));
  EXPECT_EQ(later.start_step(), 17);
}

TEST(ExtractMelodiesTest, KeepsTheHighestOfSimultaneousNotes) {
  EXPECT_THAT(ExtractOne({{0, 4, 60}, {0, 2, 67}, {2, 4, 64}}).events(),
              ElementsAre(67, -2, 64, -2));
  MelodyExtractionOptions options;
  options.ignore_polyphonic_notes = false;
  EXPECT_TRUE(Extract({{0, 4, 60}, {0, 2, 67}}, 0, options)->empty());
}

TEST(ExtractMelodiesTest, CutsOffALongNoteAtTheEndOfALaterShortOne) {
  EXPECT_THAT(ExtractOne({{0, 12, 60}, {4, 6, 62}}).events(), ElementsAre(60, -2, -2, -2, 62, -2));
}

TEST(ExtractMelodiesTest, LeavesOutDrumsAndSilentNotesButTakesTheirBar) {
  const Melody melody =
      ExtractOne({{3, 4, 36, 100, 0, true}, {20, 22, 60}, {22, 23, 61, 0}});
  EXPECT_EQ(melody.start_step(), 0);
  EXPECT_EQ(melody.size(), 22);
  EXPECT_EQ(melody.events().at(20), 60);
}

TEST(ExtractMelodiesTest, TakesInstrumentsInTheOrderOfPythonsSet) {
  const auto melodies =
      Extract({{0, 2, 60, 100, 8}, {0, 2, 62, 100, 1}, {0, 2, 64, 100, 0}});
  ASSERT_EQ(melodies->size(), 3);
  EXPECT_THAT(melodies->at(0).events(), ElementsAre(60, -2));
  EXPECT_THAT(melodies->at(1).events(), ElementsAre(62, -2));
  EXPECT_THAT(melodies->at(2).events(), ElementsAre(64, -2));
}

TEST(ExtractMelodiesTest, SplitsAtGaps) {
  MelodyExtractionOptions options;
  options.gap_bars = 1;
  options.pad_end = true;
  const auto melodies = Extract({{0, 2, 60}, {30, 32, 62}, {64, 66, 64}}, 0, options);
  ASSERT_EQ(melodies->size(), 3);
  EXPECT_EQ(melodies->at(0).start_step(), 0);
  EXPECT_EQ(melodies->at(0).end_step(), 16);
  EXPECT_THAT(melodies->at(0).events(),
              ElementsAre(60, -2, -1, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2));
  EXPECT_EQ(melodies->at(1).start_step(), 16);
  EXPECT_EQ(melodies->at(1).end_step(), 32);
  EXPECT_EQ(melodies->at(2).start_step(), 64);
  EXPECT_EQ(melodies->at(2).end_step(), 80);
}

TEST(ExtractMelodiesTest, CutsAndLeavesOutByLengthAndPitches) {
  const std::vector<TestNote> notes = {{0, 40, 60}};
  MelodyExtractionOptions truncate;
  truncate.max_steps_truncate = 20;
  EXPECT_EQ(Extract(notes, 0, truncate)->at(0).size(), 20);
  truncate.pad_end = true;
  EXPECT_EQ(Extract(notes, 0, truncate)->at(0).size(), 16);
  MelodyExtractionOptions discard;
  discard.max_steps_discard = 20;
  EXPECT_TRUE(Extract(notes, 0, discard)->empty());
  MelodyExtractionOptions bars;
  bars.min_bars = 3;
  EXPECT_TRUE(Extract(notes, 0, bars)->empty());
  MelodyExtractionOptions pitches;
  pitches.min_unique_pitches = 2;
  EXPECT_TRUE(Extract(notes, 0, pitches)->empty());
}

TEST(ExtractMelodiesTest, NeedsWholeStepsInABarWhereThereAreNotes) {
  NoteSequence sequence = SequenceOfSteps({{0, 4}});
  AddTimeSignature(5, 64, 0, sequence);
  EXPECT_EQ(ExtractMelodies(*QuantizeNoteSequence(sequence, 4)).status().message(),
            "NonIntegerStepsPerBarError: There are 1.250000 timesteps per bar. Time signature: "
            "5/64");
  sequence.clear_notes();
  EXPECT_TRUE(ExtractMelodies(*QuantizeNoteSequence(sequence, 4))->empty());
}

TEST(ExtractMelodiesTest, RefusesNotesThatEndBeforeTheyStart) {
  EXPECT_EQ(Extract({{4, 2}}).status().message(),
            "BadNoteError: Start step does not precede end step: start=4, end=2");
}

TEST(ExtractMelodiesTest, TakesPitchesAsTheyAre) {
  const Melody melody = ExtractOne({{0, 2, 200}});
  EXPECT_THAT(melody.events(), ElementsAre(200, -2));
  EXPECT_EQ(melody.CheckEvents().message(), "ValueError: Melody event out of range: 200");
  // Read back as a NOTE_OFF, which is no note to measure the next one's distance from.
  EXPECT_EQ(Extract({{0, 2, -1}, {2, 3, 60}}).status().message(),
            "ValueError: No events in the stream");
  EXPECT_TRUE(Extract({{0, 2, -1}})->empty());
}

TEST(ExtractMelodiesTest, HasABoundOnSteps) {
  EXPECT_EQ(Extract({{0, 1e9}}).status().message(),
            "melody would have 1000000000 steps; at most 1048576 are supported");
  EXPECT_EQ(Extract({{0, 1e6, 60, 100, 1}, {0, 1e6, 60, 100, 2}}).status().message(),
            "melodies would have 2000000 steps; at most 1048576 are supported");
  // Far away is no reason to refuse.
  const Melody melody = ExtractOne({{1e12, 1e12 + 2}});
  EXPECT_EQ(melody.start_step(), 1000000000000);
  EXPECT_EQ(melody.size(), 2);
  // A long note that is cut off again is none either.
  EXPECT_EQ(ExtractOne({{0, 1e9}, {4, 6}}).size(), 6);
}

TEST(ExtractMelodiesTest, SurvivesBarsOfNoPositiveLength) {
  EXPECT_EQ(ExtractMelodies(QuantizedSequenceOf({{0, 4}}, 0)).status().message(),
            "ZeroDivisionError: integer modulo by zero");
  EXPECT_EQ(ExtractMelodies(QuantizedSequenceOf({{3, 4}}, -4)).status().message(),
            "IndexError: list assignment index out of range");
  EXPECT_THAT(std::string(ExtractMelodies(QuantizedSequenceOf({{0, 14}}, -4)).status().message()),
              HasSubstr("do not come to an end"));
  EXPECT_EQ(ExtractMelodies(QuantizedSequenceOf({{0, 16}}, -4))->size(), 1);
}

}  // namespace
}  // namespace magenta_serving
