#include "servable/music/drum_track.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/music/quantize.h"
#include "servable/music/test_util/note_sequences.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;

DrumTrack TrackOf(const std::vector<std::vector<int>>& events, int64_t start_step = 0) {
  std::vector<DrumEvent> hits;
  for (const std::vector<int>& pitches : events) hits.emplace_back(pitches);
  return DrumTrack::Create(std::move(hits), start_step).value();
}

std::vector<std::vector<int>> PitchesOf(const DrumTrack& track) {
  std::vector<std::vector<int>> pitches;
  for (const DrumEvent& event : track.events()) pitches.push_back(event.pitches());
  return pitches;
}

TEST(DrumEventTest, KeepsTheOrderOfCPythonsSet) {
  EXPECT_THAT(DrumEvent({42, 36, 42}).pitches(), ElementsAre(42, 36));
  EXPECT_THAT(DrumEvent({36, 42}).pitches(), ElementsAre(42, 36));
  EXPECT_THAT(DrumEvent({38, 46, 54}).pitches(), ElementsAre(46, 54, 38));
  EXPECT_EQ(DrumEvent({38, 46}), DrumEvent({46, 38}));
  EXPECT_NE(DrumEvent({38}), DrumEvent({46}));
  EXPECT_NE(DrumEvent({38}), DrumEvent());
  EXPECT_EQ(DrumEvent().ToString(), "frozenset()");
  EXPECT_EQ(DrumEvent({36, 42}).ToString(), "frozenset({42, 36})");
}

TEST(DrumEventTest, DeepCopyMayChangeTheOrder) {
  const DrumEvent event({38, 46});
  EXPECT_EQ(DrumEvent::InOrder({46, 38}).pitches(), event.pitches());
  EXPECT_THAT(event.pitches(), ElementsAre(46, 38));
  EXPECT_THAT(event.DeepCopy().pitches(), ElementsAre(38, 46));
  EXPECT_THAT(event.DeepCopy().DeepCopy().pitches(), ElementsAre(46, 38));
  EXPECT_EQ(event.DeepCopy(), event);
  DrumTrack track;
  ASSERT_TRUE(track.Append(event).ok());
  EXPECT_THAT(track.DeepCopy().events()[0].pitches(), ElementsAre(38, 46));
}

TEST(DrumTrackTest, RefusesPitchesOutOfRange) {
  EXPECT_EQ(DrumTrack::Create({DrumEvent({36, 128})}).status().message(),
            "ValueError: Drum event contains invalid note: frozenset({128, 36})");
  DrumTrack track;
  EXPECT_FALSE(track.Append(DrumEvent({-1})).ok());
  EXPECT_TRUE(track.empty());
  ASSERT_TRUE(track.Append(DrumEvent({0, 127})).ok());
  EXPECT_EQ(track.end_step(), 1);
}

TEST(DrumTrackTest, SetLengthPadsAndCuts) {
  DrumTrack track = TrackOf({{36}, {}, {38}}, 3);
  ASSERT_TRUE(track.SetLength(5).ok());
  EXPECT_THAT(PitchesOf(track), ElementsAre(ElementsAre(36), ElementsAre(), ElementsAre(38),
                                            ElementsAre(), ElementsAre()));
  EXPECT_EQ(track.end_step(), 8);
  ASSERT_TRUE(track.SetLength(-4).ok());
  EXPECT_THAT(PitchesOf(track), ElementsAre(ElementsAre(36)));
  EXPECT_EQ(track.end_step(), -1);
  EXPECT_EQ(track.DeepCopy().end_step(), 4);
  ASSERT_TRUE(track.SetLength(-4).ok());
  EXPECT_TRUE(track.empty());
  EXPECT_EQ(track.SetLength(kMaxEvents + 1).code(), absl::StatusCode::kInvalidArgument);
}

TEST(DrumTrackTest, WritesNotesInTheOrderOfTheSet) {
  const NoteSequence sequence = *TrackOf({{36, 42}, {}, {38}}, 4).ToSequence(100, 9, 0, 60);
  ASSERT_EQ(sequence.notes_size(), 3);
  EXPECT_EQ(sequence.notes(0).pitch(), 42);
  EXPECT_EQ(sequence.notes(1).pitch(), 36);
  EXPECT_EQ(sequence.notes(0).start_time(), 1.0);
  EXPECT_EQ(sequence.notes(1).end_time(), 1.25);
  EXPECT_EQ(sequence.notes(2).start_time(), 1.5);
  EXPECT_EQ(sequence.total_time(), 1.75);
  EXPECT_EQ(sequence.notes(2).instrument(), 9);
  EXPECT_TRUE(sequence.notes(2).is_drum());
  EXPECT_EQ(sequence.notes(2).velocity(), 100);
  EXPECT_EQ(sequence.tempos(0).qpm(), 60);
  EXPECT_EQ(sequence.ticks_per_quarter(), 220);
  EXPECT_EQ(TrackOf({{36}}).ToSequence(100, 9, 0, 0).status().message(),
            "ZeroDivisionError: float division by zero");
}

TEST(DrumTrackTest, SilenceHasNoTotalTime) {
  const NoteSequence sequence = *TrackOf({{}, {}}).ToSequence();
  EXPECT_EQ(sequence.notes_size(), 0);
  EXPECT_EQ(sequence.total_time(), 0);
}

}  // namespace
}  // namespace magenta_serving
