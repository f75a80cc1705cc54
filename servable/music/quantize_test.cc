#include "servable/music/quantize.h"

#include <limits>
#include <string>
#include <tuple>

#include "gtest/gtest.h"
#include "servable/music/test_util/note_sequences.h"

namespace magenta_serving {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string ErrorOf(const absl::Status& status) {
  EXPECT_TRUE(status.ok() || status.code() == absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

std::string QuantizeError(const NoteSequence& sequence) {
  return ErrorOf(QuantizeNoteSequence(sequence, 4).status());
}

TEST(QuantizeToStepTest, RoundsByTheCutoff) {
  EXPECT_EQ(*QuantizeToStep(0.0624, 8), 0);
  EXPECT_EQ(*QuantizeToStep(0.0625, 8), 1);
  EXPECT_EQ(*QuantizeToStep(0.125, 8), 1);
  EXPECT_EQ(*QuantizeToStep(0, 8, 0), 1);
  EXPECT_EQ(*QuantizeToStep(0.125, 8, 0), 2);
  EXPECT_EQ(*QuantizeToStep(0.13, 8, 0), 2);
  EXPECT_EQ(*QuantizeToStep(0.2499, 8, 1), 1);
  EXPECT_EQ(*QuantizeToStep(0.25, 8, 1), 2);
}

TEST(QuantizeToStepTest, TruncatesTowardZero) {
  EXPECT_EQ(*QuantizeToStep(-0.07, 8), 0);
  EXPECT_EQ(*QuantizeToStep(-0.1875, 8), -1);
}

TEST(QuantizeToStepTest, MissesTheGridWherePythonDoes) {
  const double steps_per_second = StepsPerQuarterToStepsPerSecond(4, 87.3);
  EXPECT_EQ(steps_per_second, 5.819999999999999);
  int missed = 0;
  for (int step = 0; step < 400; ++step) {
    missed += *QuantizeToStep(step * (60.0 / 87.3 / 4), steps_per_second, 1.0) != step;
  }
  EXPECT_EQ(missed, 257);
}

TEST(QuantizeToStepTest, RefusesWhatIsNoStep) {
  EXPECT_EQ(ErrorOf(QuantizeToStep(kNaN, 8).status()),
            "ValueError: cannot convert float NaN to integer");
  EXPECT_EQ(ErrorOf(QuantizeToStep(-kInfinity, 8).status()),
            "OverflowError: cannot convert float infinity to integer");
  EXPECT_EQ(ErrorOf(QuantizeToStep(1e300, 1e300).status()),
            "OverflowError: cannot convert float infinity to integer");
  EXPECT_EQ(ErrorOf(QuantizeToStep(0, kInfinity).status()),
            "ValueError: cannot convert float NaN to integer");
  EXPECT_EQ(ErrorOf(QuantizeToStep(18446744073709551616.0, 1).status()),
            "ValueError: Value out of range: 18446744073709551616");
  EXPECT_EQ(ErrorOf(QuantizeToStep(-1e30, 1).status()),
            "ValueError: Value out of range: -1000000000000000019884624838656");
}

TEST(QuantizeNoteSequenceTest, SetsSteps) {
  NoteSequence sequence = SequenceOf({{0.5, 0.51, 60}, {-0.06, 0.3, 62}});
  sequence.set_total_time(10);
  sequence.add_control_changes()->set_time(0.26);
  sequence.add_text_annotations()->set_time(1);
  const auto quantized = QuantizeNoteSequence(sequence, 4);
  ASSERT_TRUE(quantized.ok());
  EXPECT_EQ(quantized->notes(0).quantized_start_step(), 4);
  EXPECT_EQ(quantized->notes(0).quantized_end_step(), 5);  // one step at least
  EXPECT_EQ(quantized->notes(1).quantized_start_step(), 0);
  EXPECT_EQ(quantized->notes(1).quantized_end_step(), 2);
  EXPECT_EQ(quantized->control_changes(0).quantized_step(), 2);
  EXPECT_EQ(quantized->text_annotations(0).quantized_step(), 8);
  EXPECT_EQ(quantized->total_quantized_steps(), 80);
  EXPECT_EQ(quantized->quantization_info().steps_per_quarter(), 4);
  ASSERT_EQ(quantized->time_signatures_size(), 1);
  EXPECT_EQ(quantized->time_signatures(0).numerator(), 4);
  ASSERT_EQ(quantized->tempos_size(), 1);
  EXPECT_EQ(quantized->tempos(0).qpm(), 120);
  EXPECT_EQ(*StepsPerBarInQuantizedSequence(*quantized), 16);
}

TEST(QuantizeNoteSequenceTest, ReducesEqualSignaturesAndTemposToOneAtTheBeginning) {
  NoteSequence sequence = SequenceOf({{1, 2}});
  AddTimeSignature(6, 8, 2, sequence);
  AddTimeSignature(6, 8, 0, sequence);
  AddTempo(60, 3, sequence);
  AddTempo(60, 0, sequence);
  const auto quantized = QuantizeNoteSequence(sequence, 4);
  ASSERT_TRUE(quantized.ok());
  ASSERT_EQ(quantized->time_signatures_size(), 1);
  EXPECT_EQ(quantized->time_signatures(0).time(), 0);
  ASSERT_EQ(quantized->tempos_size(), 1);
  EXPECT_EQ(quantized->tempos(0).time(), 0);
  EXPECT_EQ(quantized->notes(0).quantized_end_step(), 8);
  EXPECT_EQ(*StepsPerBarInQuantizedSequence(*quantized), 12);
}

TEST(QuantizeNoteSequenceTest, RefusesTimeSignatureChanges) {
  NoteSequence late;
  AddTimeSignature(3, 4, 1.5, late);
  EXPECT_EQ(QuantizeError(late),
            "MultipleTimeSignatureError: NoteSequence has an implicit change from initial 4/4 "
            "time signature to 3/4 at 1.50 seconds.");
  NoteSequence two;
  AddTimeSignature(3, 4, 0, two);
  AddTimeSignature(4, 4, 2.345, two);
  EXPECT_EQ(QuantizeError(two),
            "MultipleTimeSignatureError: NoteSequence has at least one time signature change "
            "from 3/4 to 4/4 at 2.35 seconds.");
}

TEST(QuantizeNoteSequenceTest, ComparesWithTheFirstSignatureAndTempoAsListed) {
  // The earliest is 3/4 and 100 qpm, the first in the list, however, equals the later one itself.
  NoteSequence sequence;
  AddTimeSignature(4, 4, 5, sequence);
  AddTimeSignature(3, 4, 0, sequence);
  AddTempo(120, 3, sequence);
  AddTempo(100, 0, sequence);
  const auto quantized = QuantizeNoteSequence(sequence, 4);
  ASSERT_TRUE(quantized.ok());
  EXPECT_EQ(quantized->time_signatures(0).numerator(), 4);
  EXPECT_EQ(quantized->tempos(0).qpm(), 120);
}

TEST(QuantizeNoteSequenceTest, OrdersNaNTimesAsPython) {
  NoteSequence nan_first;
  AddTimeSignature(4, 4, kNaN, nan_first);
  AddTimeSignature(3, 4, 0, nan_first);
  EXPECT_EQ(QuantizeError(nan_first),
            "MultipleTimeSignatureError: NoteSequence has at least one time signature change "
            "from 4/4 to 3/4 at 0.00 seconds.");
  NoteSequence nan_second;
  AddTimeSignature(3, 4, 0, nan_second);
  AddTimeSignature(4, 4, kNaN, nan_second);
  EXPECT_EQ(QuantizeError(nan_second),
            "MultipleTimeSignatureError: NoteSequence has at least one time signature change "
            "from 3/4 to 4/4 at nan seconds.");
}

TEST(QuantizeNoteSequenceTest, RefusesImpossibleTimeSignatures) {
  for (const auto& [numerator, denominator, error] :
       {std::tuple(4, 3, "Denominator is not a power of 2. Time signature: 4/3"),
        std::tuple(4, 0, "Denominator is not a power of 2. Time signature: 4/0"),
        std::tuple(4, -4, "Denominator is not a power of 2. Time signature: 4/-4"),
        std::tuple(0, 4, "Numerator is 0. Time signature: 0/4")}) {
    NoteSequence sequence;
    AddTimeSignature(numerator, denominator, 0, sequence);
    EXPECT_EQ(QuantizeError(sequence), std::string("BadTimeSignatureError: ") + error);
  }
}

TEST(QuantizeNoteSequenceTest, RefusesTempoChanges) {
  NoteSequence late;
  AddTempo(100, 1, late);
  EXPECT_EQ(QuantizeError(late),
            "MultipleTempoError: NoteSequence has an implicit tempo change from initial 120.0 "
            "qpm to 100.0 qpm at 1.00 seconds.");
  NoteSequence two;
  AddTempo(100, 0, two);
  AddTempo(90.25, 2, two);
  EXPECT_EQ(QuantizeError(two),
            "MultipleTempoError: NoteSequence has at least one tempo change from 100.0 qpm to "
            "90.2 qpm at 2.00 seconds.");
}

TEST(QuantizeNoteSequenceTest, RefusesTimesThatAreNone) {
  EXPECT_EQ(QuantizeError(SequenceOf({{-0.2, 0.5}})),
            "NegativeTimeError: Got negative note time: start_step = -1, end_step = 4");
  NoteSequence annotated;
  annotated.add_text_annotations()->set_time(-1);
  EXPECT_EQ(QuantizeError(annotated), "NegativeTimeError: Got negative event time: step = -7");
  EXPECT_EQ(QuantizeError(SequenceOf({{kNaN, 1}})),
            "ValueError: cannot convert float NaN to integer");
  EXPECT_EQ(QuantizeError(SequenceOf({{0, kInfinity}})),
            "OverflowError: cannot convert float infinity to integer");
  EXPECT_EQ(QuantizeError(SequenceOf({{0, 9223372036854775808.0}})),
            "ValueError: Value out of range: 73786976294838206464");
}

TEST(QuantizeNoteSequenceAbsoluteTest, IgnoresTemposAndSignatures) {
  NoteSequence sequence = SequenceOf({{0.125, 0.5}});
  AddTempo(100, 1, sequence);
  AddTimeSignature(3, 3, 1, sequence);
  const auto quantized = QuantizeNoteSequenceAbsolute(sequence, 100);
  ASSERT_TRUE(quantized.ok());
  EXPECT_EQ(quantized->notes(0).quantized_start_step(), 13);
  EXPECT_EQ(quantized->notes(0).quantized_end_step(), 50);
  EXPECT_EQ(quantized->total_quantized_steps(), 50);
  EXPECT_EQ(quantized->quantization_info().steps_per_second(), 100);
  EXPECT_EQ(quantized->tempos(0).time(), 1);
  EXPECT_EQ(ErrorOf(StepsPerBarInQuantizedSequence(*quantized).status()),
            "QuantizationStatusError: NoteSequence  is not quantized or is quantized based on "
            "absolute timing.");
}

TEST(StepsPerBarInQuantizedSequenceTest, MayBeFractional) {
  NoteSequence sequence;
  AddTimeSignature(5, 64, 0, sequence);
  EXPECT_EQ(*StepsPerBarInQuantizedSequence(*QuantizeNoteSequence(sequence, 4)), 1.25);
}

TEST(StepsPerBarInQuantizedSequenceTest, NeedsATimeSignature) {
  NoteSequence sequence;
  sequence.mutable_quantization_info()->set_steps_per_quarter(4);
  EXPECT_EQ(ErrorOf(StepsPerBarInQuantizedSequence(sequence).status()),
            "IndexError: list index out of range");
  AddTimeSignature(4, 0, 0, sequence);
  EXPECT_EQ(ErrorOf(StepsPerBarInQuantizedSequence(sequence).status()),
            "ZeroDivisionError: float division by zero");
}

}  // namespace
}  // namespace magenta_serving
