#include "servable/music/melody.h"

#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/music/quantize.h"
#include "servable/music/test_util/note_sequences.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;

Melody MelodyOf(std::vector<int> events, int64_t start_step = 0) {
  return Melody::Create(std::move(events), start_step).value();
}

TEST(MelodyTest, StartsWithoutNoteOffs) {
  const Melody melody = MelodyOf({-1, -2, -1, 60, -1}, 3);
  EXPECT_THAT(melody.events(), ElementsAre(-2, -2, -2, 60, -1));
  EXPECT_EQ(melody.start_step(), 3);
  EXPECT_EQ(melody.end_step(), 8);
  EXPECT_EQ(melody.steps_per_bar(), 16);
  EXPECT_EQ(melody.steps_per_quarter(), 4);
}

TEST(MelodyTest, RefusesEventsOutOfRange) {
  EXPECT_EQ(Melody::Create({60, -3}).status().message(),
            "ValueError: Melody event out of range: -3");
  EXPECT_EQ(Melody::Create({128}).status().message(),
            "ValueError: Melody event out of range: 128");
  Melody melody;
  EXPECT_EQ(melody.Append(128).message(), "ValueError: Event out of range: 128");
  EXPECT_EQ(melody.size(), 0);
}

TEST(MelodyTest, CleansAppendedEventsInDeepCopiesOnly) {
  Melody melody;
  ASSERT_TRUE(melody.Append(-1).ok());
  ASSERT_TRUE(melody.Append(60).ok());
  EXPECT_THAT(melody.events(), ElementsAre(-1, 60));
  EXPECT_EQ(melody.end_step(), 2);
  const Melody copy = melody;
  EXPECT_EQ(copy, melody);
  EXPECT_THAT(melody.DeepCopy().events(), ElementsAre(-2, 60));
  EXPECT_NE(melody.DeepCopy(), melody);
}

TEST(MelodySetLengthTest, EndsASoundingNoteWhenPadding) {
  Melody melody = MelodyOf({60, -2, 62}, 3);
  ASSERT_TRUE(melody.SetLength(6).ok());
  EXPECT_THAT(melody.events(), ElementsAre(60, -2, 62, -1, -2, -2));
  EXPECT_EQ(melody.end_step(), 9);
  Melody silent = MelodyOf({60, -2, -1});
  ASSERT_TRUE(silent.SetLength(5).ok());
  EXPECT_THAT(silent.events(), ElementsAre(60, -2, -1, -2, -2));
  Melody empty;
  ASSERT_TRUE(empty.SetLength(2).ok());
  EXPECT_THAT(empty.events(), ElementsAre(-2, -2));
}

TEST(MelodySetLengthTest, CutsFromTheEnd) {
  Melody melody = MelodyOf({60, -2, 62}, 3);
  ASSERT_TRUE(melody.SetLength(2).ok());
  EXPECT_THAT(melody.events(), ElementsAre(60, -2));
  EXPECT_EQ(melody.end_step(), 5);
}

TEST(MelodySetLengthTest, TakesNegativeLengthsAsASliceDoes) {
  Melody melody = MelodyOf({60, -2, 62}, 3);
  ASSERT_TRUE(melody.SetLength(-1).ok());
  EXPECT_THAT(melody.events(), ElementsAre(60, -2));
  EXPECT_EQ(melody.end_step(), 2);
  ASSERT_TRUE(melody.SetLength(-7).ok());
  EXPECT_TRUE(melody.empty());
}

TEST(MelodySetLengthTest, HasABound) {
  Melody melody = MelodyOf({60});
  EXPECT_EQ(melody.SetLength(kMaxEvents + 1).message(),
            "melody would have 1048577 steps; at most 1048576 are supported");
  EXPECT_EQ(melody.SetLength(std::numeric_limits<int64_t>::max()).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MelodyOf({}, -5).SetLength(std::numeric_limits<int64_t>::min()).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(melody.size(), 1);
  EXPECT_TRUE(melody.SetLength(kMaxEvents).ok());
}

struct SquashCase {
  std::vector<int> events;
  int min_note;
  int max_note;
  std::optional<int> key;
  int amount;
  std::vector<int> squashed;
};

TEST(MelodySquashTest, EqualsPython) {
  const SquashCase cases[] = {
      {{100, 20}, 48, 84, 0, 8, {72, 52}},
      {{60, 62, 64, 65, 67, 69, 71, 72}, 48, 84, 0, 0, {60, 62, 64, 65, 67, 69, 71, 72}},
      {{61, 63, 65, 66, 68, 70, 72}, 48, 84, 0, -1, {60, 62, 64, 65, 67, 69, 71}},
      {{61, -2, -1}, 48, 84, std::nullopt, 0, {61, -2, -1}},
      {{20, 120}, 48, 84, std::nullopt, 0, {56, 72}},
      {{-2, -2}, 48, 84, 3, 0, {-2, -2}},
      {{66}, 60, 72, 0, -1, {65}},
      {{60}, 54, 78, 6, 6, {66}},
  };
  for (const SquashCase& expected : cases) {
    Melody melody = MelodyOf(expected.events);
    EXPECT_EQ(melody.Squash(expected.min_note, expected.max_note, expected.key), expected.amount);
    EXPECT_EQ(melody.events(), expected.squashed);
  }
}

TEST(MelodyTransposeTest, FoldsByOctavesIntoTheRange) {
  Melody melody = MelodyOf({0, 10, 64, -2, 127, -1});
  melody.Transpose(-5, 12, 120);
  EXPECT_THAT(melody.events(), ElementsAre(19, 17, 59, -2, 110, -1));
  melody.Transpose(std::numeric_limits<int>::max());
  for (int event : melody.events()) EXPECT_LE(event, kMaxMelodyEvent);
}

TEST(MelodyToSequenceTest, WritesNotes) {
  const Melody melody = MelodyOf({-2, 60, -2, -1, -2, 62, 64}, 2);
  const auto sequence = melody.ToSequence(90, 2, 3, 1.5, 87.3);
  ASSERT_TRUE(sequence.ok());
  ASSERT_EQ(sequence->notes_size(), 3);
  EXPECT_EQ(sequence->notes(0).start_time(), 2.0154639175257731);
  EXPECT_EQ(sequence->notes(0).end_time(), 2.359106529209622);
  EXPECT_EQ(sequence->notes(0).pitch(), 60);
  EXPECT_EQ(sequence->notes(0).velocity(), 90);
  EXPECT_EQ(sequence->notes(0).instrument(), 2);
  EXPECT_EQ(sequence->notes(0).program(), 3);
  EXPECT_EQ(sequence->notes(1).start_time(), 2.702749140893471);
  EXPECT_EQ(sequence->notes(1).end_time(), 2.874570446735395);
  EXPECT_EQ(sequence->notes(2).end_time(), 3.0463917525773194);
  EXPECT_EQ(sequence->total_time(), 3.0463917525773194);
  EXPECT_EQ(sequence->ticks_per_quarter(), 220);
  ASSERT_EQ(sequence->tempos_size(), 1);
  EXPECT_EQ(sequence->tempos(0).qpm(), 87.3);
  EXPECT_TRUE(sequence->time_signatures().empty());
}

TEST(MelodyToSequenceTest, WritesSilenceWithoutTotalTime) {
  const auto sequence = MelodyOf({-2, -2}, 8).ToSequence();
  ASSERT_TRUE(sequence.ok());
  EXPECT_EQ(sequence->total_time(), 0);
  EXPECT_TRUE(sequence->notes().empty());
}

TEST(MelodyToSequenceTest, NeedsATempo) {
  EXPECT_EQ(MelodyOf({60}).ToSequence(100, 0, 0, 0, 0).status().message(),
            "ZeroDivisionError: float division by zero");
}

TEST(MelodyFromQuantizedSequenceTest, HasPythonsDefaults) {
  const NoteSequence quantized =
      *QuantizeNoteSequence(SequenceOfSteps({{0, 2, 60}, {20, 22, 62}, {3, 4, 50, 100, 1}}), 4);
  const auto melody = Melody::FromQuantizedSequence(quantized, {});
  ASSERT_TRUE(melody.ok());
  EXPECT_THAT(melody->events(), ElementsAre(60, -2));

  const NoteSequence chord =
      *QuantizeNoteSequence(SequenceOfSteps({{0, 2, 60}, {0, 2, 62}}), 4);
  EXPECT_EQ(Melody::FromQuantizedSequence(chord, {}).status().message(),
            "PolyphonicMelodyError: ");

  EXPECT_TRUE(Melody::FromQuantizedSequence(*QuantizeNoteSequence({}, 4), {})->empty());
  EXPECT_EQ(Melody::FromQuantizedSequence({}, {}).status().message(),
            "QuantizationStatusError: NoteSequence  is not quantized or is quantized based on "
            "absolute timing.");
}

}  // namespace
}  // namespace magenta_serving
