#include "servable/music/note_performance.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/music/quantize.h"
#include "servable/music/test_util/note_sequences.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;

constexpr int kBins = 32;

// Notes given in steps of 10 ms.
NoteSequence Quantized(const std::vector<TestNote>& notes) {
  return QuantizeNoteSequenceAbsolute(SequenceOf(notes, 0.01), 100).value();
}

NotePerformance PerformanceOf(const std::vector<NotePerformanceEvent>& events,
                              int64_t start_step = 0) {
  NotePerformance performance(100, start_step, kBins);
  for (const NotePerformanceEvent& event : events) EXPECT_TRUE(performance.Append(event).ok());
  return performance;
}

TEST(NotePerformanceTest, MakesOneEventOfANote) {
  const NoteSequence sequence =
      Quantized({{120, 130, 67, 1}, {120, 1120, 60, 100}, {1120, 1121, 62, 127}});
  const NotePerformance performance =
      NotePerformance::FromQuantizedSequence(sequence, 100, kBins).value();
  EXPECT_THAT(performance.events(), ElementsAre(NotePerformanceEvent{20, 60, 25, 1000},
                                                NotePerformanceEvent{0, 67, 1, 10},
                                                NotePerformanceEvent{1000, 62, 32, 1}));
  EXPECT_EQ(performance.num_steps(), 1021);
  EXPECT_EQ(performance.start_step(), 100);
  EXPECT_EQ(performance.instrumentation(), (Instrumentation{0, false}));
}

TEST(NotePerformanceTest, RefusesWhatEventsCannotHave) {
  const auto error = [](const std::vector<TestNote>& notes) {
    return std::string(
        NotePerformance::FromQuantizedSequence(Quantized(notes), 0, kBins).status().message());
  };
  EXPECT_EQ(error({{1001, 1002}}),
            "TooManyTimeShiftStepsError: Too many steps for timeshift: 1001");
  EXPECT_EQ(error({{0, 1001}}), "TooManyDurationStepsError: Too many steps for duration: 1001");
  EXPECT_EQ(error({{0, 1, 128}}), "ValueError: Invalid pitch value: 128");
  EXPECT_EQ(error({{0, 1, 60, 0}}), "ValueError: Invalid velocity value: 0");
  EXPECT_EQ(error({{5, 3}}), "ValueError: Invalid duration value: -2");
}

TEST(NotePerformanceTest, GivesItsNotesBack) {
  const NoteSequence sequence = PerformanceOf({{10, 60, 25, 40}, {20, 64, 1, 5}}, 50).ToSequence(2);
  ASSERT_EQ(sequence.notes_size(), 2);
  EXPECT_EQ(sequence.notes(0).start_time(), 10 * 0.01 + 0.5);
  EXPECT_EQ(sequence.notes(0).end_time(), 50 * 0.01 + 0.5);
  EXPECT_EQ(sequence.notes(0).velocity(), 97);
  EXPECT_EQ(sequence.notes(1).start_time(), 30 * 0.01 + 0.5);
  EXPECT_EQ(sequence.notes(1).pitch(), 64);
  EXPECT_EQ(sequence.notes(1).instrument(), 2);
  EXPECT_EQ(sequence.total_time(), sequence.notes(0).end_time());
}

TEST(NotePerformanceTest, IsCutAtAStep) {
  NotePerformance performance = PerformanceOf({{0, 60, 1, 50}, {20, 62, 1, 5}, {10, 64, 1, 5}});
  performance.TruncateToSteps(30);
  EXPECT_THAT(performance.events(),
              ElementsAre(NotePerformanceEvent{0, 60, 1, 30}, NotePerformanceEvent{20, 62, 1, 5}));
  performance.TruncateToSteps(0);
  EXPECT_TRUE(performance.empty());
  EXPECT_EQ(performance.num_steps(), 0);
}

TEST(ExtractNotePerformanceTest, LeavesOutWhatDoesNotFit) {
  EXPECT_FALSE(ExtractNotePerformance(Quantized({{0, 1001}}), 0, kBins).value().has_value());
  EXPECT_FALSE(ExtractNotePerformance(Quantized({{1001, 1002}}), 0, kBins).value().has_value());
  NoteSequence sequence = Quantized({{0, 10}, {0, 10}});
  EXPECT_EQ(ExtractNotePerformance(sequence, 0, kBins).value()->size(), 2);
  sequence.mutable_notes(0)->set_program(3);
  EXPECT_FALSE(ExtractNotePerformance(sequence, 0, kBins).value().has_value());
  EXPECT_EQ(ExtractNotePerformance(Quantized({{0, 1, 60, 0}}), 0, kBins).status().message(),
            "ValueError: Invalid velocity value: 0");
}

}  // namespace
}  // namespace magenta_serving
