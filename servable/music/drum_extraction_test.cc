#include "servable/music/drum_extraction.h"

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

absl::StatusOr<DrumTrack> Extract(const NoteSequence& sequence, int64_t search_start_step = 0) {
  return ExtractDrumTrack(*QuantizeNoteSequence(sequence, 4), search_start_step);
}

std::vector<std::vector<int>> PitchesOf(const DrumTrack& track) {
  std::vector<std::vector<int>> pitches;
  for (const DrumEvent& event : track.events()) pitches.push_back(event.pitches());
  return pitches;
}

TEST(ExtractDrumTrackTest, TakesAllNotesThatSound) {
  const DrumTrack track = *Extract(SequenceOfSteps({{2, 3, 38},
                                                    {1, 9, 42, 100, 9, true},
                                                    {1, 2, 36, 64, 3},
                                                    {3, 4, 50, 0}}));
  EXPECT_THAT(PitchesOf(track), ElementsAre(ElementsAre(), ElementsAre(42, 36), ElementsAre(38)));
  EXPECT_EQ(track.start_step(), 0);
  EXPECT_EQ(track.end_step(), 3);
  EXPECT_EQ(track.steps_per_bar(), 16);
  EXPECT_EQ(track.steps_per_quarter(), 4);
}

TEST(ExtractDrumTrackTest, StartsAtTheBarOfTheFirstHit) {
  const DrumTrack track = *Extract(SequenceOfSteps({{0, 1, 36}, {22, 23, 38}}), 5);
  EXPECT_EQ(track.start_step(), 21);
  EXPECT_THAT(PitchesOf(track), ElementsAre(ElementsAre(), ElementsAre(38)));
}

TEST(ExtractDrumTrackTest, NoGapEndsATrack) {
  const DrumTrack track = *Extract(SequenceOfSteps({{0, 1, 36}, {400, 401, 38}}));
  EXPECT_EQ(track.size(), 401);
}

TEST(ExtractDrumTrackTest, IsEmptyWithoutNotes) {
  EXPECT_TRUE(Extract(SequenceOfSteps({}))->empty());
  EXPECT_TRUE(Extract(SequenceOfSteps({{3, 4, 36}}), 4)->empty());
}

TEST(ExtractDrumTrackTest, RefusesBarsOfAFractionEvenWithoutNotes) {
  NoteSequence sequence;
  AddTimeSignature(3, 32, 0, sequence);
  EXPECT_THAT(std::string(Extract(sequence).status().message()),
              HasSubstr("NonIntegerStepsPerBarError: There are 1.500000 timesteps per bar"));
}

TEST(ExtractDrumTrackTest, SurvivesBarsOfNegativeLength) {
  const auto error = [](const std::vector<TestNote>& notes, int numerator, int denominator) {
    NoteSequence sequence = SequenceOfSteps(notes);
    AddTimeSignature(numerator, denominator, 0, sequence);
    return std::string(Extract(sequence).status().message());
  };
  EXPECT_THAT(error({{3, 4, 36}}, -4, 4), HasSubstr("IndexError"));
  EXPECT_THAT(error({{0, 1, 36}}, -4, 4), HasSubstr("AssertionError"));
  EXPECT_THAT(error({{0, 1, 36}, {2, 3, 36}}, -1, 16), HasSubstr("AssertionError"));
  EXPECT_EQ(error({{0, 1, 36}}, -1, 16), "");
}

TEST(ExtractDrumTrackTest, RefusesTracksOfAbsurdLength) {
  const NoteSequence sequence = SequenceOfSteps({{0, 1, 36}, {1e15, 1e15 + 1, 38}});
  EXPECT_THAT(std::string(Extract(sequence).status().message()), HasSubstr("at most 1048576"));
}

}  // namespace
}  // namespace magenta_serving
