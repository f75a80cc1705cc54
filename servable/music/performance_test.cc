#include "servable/music/performance.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/music/quantize.h"
#include "servable/music/test_util/note_sequences.h"
#include "servable/music/test_util/performance_events.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kBins = 32;

// Notes given in steps of 10 ms.
NoteSequence Quantized(const std::vector<TestNote>& notes) {
  return QuantizeNoteSequenceAbsolute(SequenceOf(notes, 0.01), 100).value();
}

Performance PerformanceOf(const std::vector<PerformanceEvent>& events, int64_t start_step = 0,
                          int bins = kBins) {
  Performance performance(100, start_step, bins);
  for (const PerformanceEvent& event : events) EXPECT_TRUE(performance.Append(event).ok());
  return performance;
}

TEST(PerformanceEventTest, AllowsWhatTheTypeAllows) {
  const auto error = [](PerformanceEvent::Type type, int64_t value) {
    return std::string(PerformanceEvent::Create(type, value).status().message());
  };
  EXPECT_EQ(*PerformanceEvent::Create(PerformanceEvent::kNoteOn, 127), On(127));
  EXPECT_EQ(*PerformanceEvent::Create(PerformanceEvent::kTimeShift, 0), Shift(0));
  EXPECT_EQ(*PerformanceEvent::Create(PerformanceEvent::kVelocity, 127), Velocity(127));
  EXPECT_EQ(error(PerformanceEvent::kNoteOff, 128), "ValueError: Invalid pitch value: 128");
  EXPECT_EQ(error(PerformanceEvent::kNoteOn, -1), "ValueError: Invalid pitch value: -1");
  EXPECT_EQ(error(PerformanceEvent::kTimeShift, -1), "ValueError: Invalid time shift value: -1");
  EXPECT_EQ(error(PerformanceEvent::kDuration, 0), "ValueError: Invalid duration value: 0");
  EXPECT_EQ(error(PerformanceEvent::kVelocity, 0), "ValueError: Invalid velocity value: 0");
  EXPECT_EQ(error(PerformanceEvent::kVelocity, 128), "ValueError: Invalid velocity value: 128");
}

TEST(VelocityBinTest, HaveEqualSizes) {
  EXPECT_EQ(VelocityToBin(1, 32), 1);
  EXPECT_EQ(VelocityToBin(4, 32), 1);
  EXPECT_EQ(VelocityToBin(5, 32), 2);
  EXPECT_EQ(VelocityToBin(127, 32), 32);
  EXPECT_EQ(VelocityToBin(127, 127), 127);
  EXPECT_EQ(VelocityToBin(127, 50), 43);  // bins of 3
  EXPECT_EQ(VelocityToBin(0, 32), 0);
  EXPECT_EQ(VelocityToBin(-4, 32), -1);
  EXPECT_EQ(VelocityBinToVelocity(1, 32), 1);
  EXPECT_EQ(VelocityBinToVelocity(32, 32), 125);
}

TEST(PerformanceTest, OrdersTheEventsOfAStepByNote) {
  // The second note of pitch 60 starts where the first one ends; 64 ends there too.
  const NoteSequence sequence = Quantized({{0, 250, 60}, {0, 250, 64}, {250, 260, 60}});
  const Performance performance = Performance::FromQuantizedSequence(sequence, 0, 0).value();
  EXPECT_THAT(performance.events(), ElementsAre(On(60), On(64), Shift(100), Shift(100), Shift(50),
                                                Off(60), Off(64), On(60), Shift(10), Off(60)));
  EXPECT_EQ(performance.num_steps(), 260);
  EXPECT_EQ(performance.steps_per_second(), 100);
}

TEST(PerformanceTest, SortsNotesByStartTimeBeforePitch) {
  NoteSequence sequence = SequenceOf({{0.002, 0.1, 60}, {0.001, 0.1, 70}, {0, 0.2, 50}});
  sequence = QuantizeNoteSequenceAbsolute(sequence, 100).value();
  EXPECT_THAT(Performance::FromQuantizedSequence(sequence, 0, 0).value().events(),
              ElementsAre(On(50), On(70), On(60), Shift(10), Off(70), Off(60), Shift(10), Off(50)));
}

TEST(PerformanceTest, WritesVelocitiesWhereTheyChange) {
  const NoteSequence sequence =
      Quantized({{0, 10, 60, 100}, {10, 20, 62, 99}, {20, 30, 64, 1}, {30, 40, 65, 1}});
  EXPECT_THAT(Performance::FromQuantizedSequence(sequence, 0, kBins).value().events(),
              ElementsAre(Velocity(25), On(60), Shift(10), Off(60), On(62), Shift(10), Off(62),
                          Velocity(1), On(64), Shift(10), Off(64), On(65), Shift(10), Off(65)));
  // Bin 0 is what the velocity is before the first note.
  EXPECT_THAT(
      Performance::FromQuantizedSequence(Quantized({{0, 1, 60, 0}}), 0, kBins).value().events(),
      ElementsAre(On(60), Shift(1), Off(60)));
  EXPECT_EQ(Performance::FromQuantizedSequence(Quantized({{0, 1, 60, 9}, {2, 3, 60, 0}}), 0, kBins)
                .status()
                .message(),
            "ValueError: Invalid velocity value: 0");
  EXPECT_EQ(Performance::FromQuantizedSequence(Quantized({{0, 1, 128}}), 0, 0).status().message(),
            "ValueError: Invalid pitch value: 128");
}

TEST(PerformanceTest, LeavesOutNotesBeforeItsStart) {
  const NoteSequence sequence = Quantized({{0, 300, 60}, {220, 230, 62}});
  const Performance performance = Performance::FromQuantizedSequence(sequence, 200, 0).value();
  EXPECT_THAT(performance.events(), ElementsAre(Shift(20), On(62), Shift(10), Off(62)));
  EXPECT_EQ(performance.start_step(), 200);
}

TEST(PerformanceTest, BoundsItsEvents) {
  const NoteSequence sequence = Quantized({{0, 1e14, 60}});
  EXPECT_EQ(Performance::FromQuantizedSequence(sequence, 0, 0).status().message(),
            "performance would have 1000000000002 events; at most 1048576 are supported");
  Performance performance = PerformanceOf({On(60)});
  EXPECT_EQ(performance.SetLength(int64_t{1} << 62).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(performance.size(), 1);
}

TEST(InstrumentationTest, IsWhatAllNotesShare) {
  NoteSequence sequence = SequenceOf({{0, 1}, {0, 1}});
  EXPECT_EQ(Instrumentation::Of(sequence), (Instrumentation{0, false}));
  sequence.mutable_notes(0)->set_program(7);
  EXPECT_EQ(Instrumentation::Of(sequence), (Instrumentation{std::nullopt, false}));
  EXPECT_FALSE(HasOneProgram(sequence));
  sequence.mutable_notes(1)->set_program(7);
  EXPECT_EQ(Instrumentation::Of(sequence), (Instrumentation{7, false}));
  sequence.mutable_notes(0)->set_is_drum(true);
  EXPECT_EQ(Instrumentation::Of(sequence), (Instrumentation{std::nullopt, std::nullopt}));
  sequence.mutable_notes(1)->set_is_drum(true);
  EXPECT_EQ(Instrumentation::Of(sequence), (Instrumentation{std::nullopt, true}));
  EXPECT_EQ(Instrumentation::Of(NoteSequence()), (Instrumentation{std::nullopt, true}));
}

TEST(PerformanceSetLengthTest, AddsTime) {
  Performance performance = PerformanceOf({On(60), Shift(30)});
  ASSERT_TRUE(performance.SetLength(350).ok());
  EXPECT_THAT(performance.events(),
              ElementsAre(On(60), Shift(100), Shift(100), Shift(100), Shift(50)));
  ASSERT_TRUE(performance.SetLength(400).ok());
  EXPECT_THAT(performance.events(),
              ElementsAre(On(60), Shift(100), Shift(100), Shift(100), Shift(100)));
  performance = PerformanceOf({Shift(100), On(60)});
  ASSERT_TRUE(performance.SetLength(101).ok());
  EXPECT_THAT(performance.events(), ElementsAre(Shift(100), On(60), Shift(1)));
  EXPECT_EQ(performance.num_steps(), 101);
}

TEST(PerformanceSetLengthTest, TakesEventsAway) {
  Performance performance = PerformanceOf({On(60), Shift(30), On(62), Shift(20), Off(60)});
  ASSERT_TRUE(performance.SetLength(50).ok());
  EXPECT_EQ(performance.size(), 5);
  ASSERT_TRUE(performance.SetLength(40).ok());
  EXPECT_THAT(performance.events(), ElementsAre(On(60), Shift(30), On(62), Shift(10)));
  ASSERT_TRUE(performance.SetLength(30).ok());
  EXPECT_THAT(performance.events(), ElementsAre(On(60), Shift(30), On(62)));
  ASSERT_TRUE(performance.SetLength(0).ok());
  EXPECT_THAT(performance.events(), ElementsAre(On(60)));
  EXPECT_EQ(performance.num_steps(), 0);
  EXPECT_THAT(performance.SetLength(-1).message(), testing::StartsWith("AssertionError"));
}

TEST(PerformanceToSequenceTest, EndsTheOldestNoteFirst) {
  const Performance performance = PerformanceOf(
      {On(60), Shift(10), Velocity(2), On(60), Shift(10), Off(60), Shift(10), Off(60), Off(60)},
      50);
  const NoteSequence sequence = performance.ToSequence().value();
  ASSERT_EQ(sequence.notes_size(), 2);
  EXPECT_EQ(sequence.notes(0).start_time(), 0.5);
  EXPECT_EQ(sequence.notes(0).end_time(), 20 * 0.01 + 0.5);
  EXPECT_EQ(sequence.notes(0).velocity(), 100);
  EXPECT_EQ(sequence.notes(1).start_time(), 10 * 0.01 + 0.5);
  EXPECT_EQ(sequence.notes(1).velocity(), 5);
  EXPECT_EQ(sequence.total_time(), sequence.notes(1).end_time());
  EXPECT_EQ(sequence.ticks_per_quarter(), 220);
  EXPECT_EQ(sequence.tempos_size(), 0);
}

TEST(PerformanceToSequenceTest, LeavesOutNotesWithoutLength) {
  const Performance performance = PerformanceOf({On(60), Off(60), Shift(10), On(62)});
  EXPECT_THAT(performance.ToSequence().value().notes(), IsEmpty());
}

TEST(PerformanceToSequenceTest, EndsWhatIsLeftInOrderOfFirstMention) {
  const Performance performance = PerformanceOf({Off(70), On(50), On(70), On(50), Shift(10)});
  const NoteSequence sequence = performance.ToSequence().value();
  ASSERT_EQ(sequence.notes_size(), 3);
  EXPECT_EQ(sequence.notes(0).pitch(), 70);
  EXPECT_EQ(sequence.notes(1).pitch(), 50);
  EXPECT_EQ(sequence.notes(2).pitch(), 50);
}

TEST(PerformanceToSequenceTest, CutsLongNotes) {
  Performance performance = PerformanceOf({On(60)});
  ASSERT_TRUE(performance.SetLength(600).ok());
  EXPECT_EQ(performance.ToSequence(100, 0, 5.0).value().notes(0).end_time(), 5.0);
  EXPECT_EQ(performance.ToSequence().value().notes(0).end_time(), 6.0);
}

TEST(PerformanceToSequenceTest, CarriesTheInstrumentation) {
  NoteSequence sequence = Quantized({{0, 10, 36}});
  sequence.mutable_notes(0)->set_program(12);
  EXPECT_EQ(Performance::FromQuantizedSequence(sequence, 0, 0)
                .value()
                .ToSequence(90, 3)
                .value()
                .notes(0)
                .program(),
            12);
  sequence.mutable_notes(0)->set_is_drum(true);
  const NoteSequence drums =
      Performance::FromQuantizedSequence(sequence, 0, 0).value().ToSequence(90, 3).value();
  EXPECT_EQ(drums.notes(0).program(), 0);
  EXPECT_TRUE(drums.notes(0).is_drum());
  EXPECT_EQ(drums.notes(0).instrument(), 3);
  EXPECT_EQ(drums.notes(0).velocity(), 90);
}

TEST(PerformanceToSequenceTest, RefusesVelocitiesWithoutBins) {
  EXPECT_THAT(PerformanceOf({Velocity(3)}, 0, 0).ToSequence().status().message(),
              testing::StartsWith("AssertionError"));
}

TEST(ExtractPerformanceTest, NeedsOneProgram) {
  NoteSequence sequence = Quantized({{0, 10, 60}, {0, 10, 64}});
  EXPECT_TRUE(ExtractPerformance(sequence, 0, 0).value().has_value());
  sequence.mutable_notes(0)->set_program(3);
  EXPECT_FALSE(ExtractPerformance(sequence, 0, 0).value().has_value());
  EXPECT_TRUE(ExtractPerformance(NoteSequence(), 0, 0).value()->empty());
}

}  // namespace
}  // namespace magenta_serving
