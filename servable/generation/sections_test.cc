#include "servable/generation/sections.h"

#include <cmath>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

using ::testing::HasSubstr;

// Notes that end at these times.
NoteSequence EndingAt(std::initializer_list<double> end_times) {
  NoteSequence sequence;
  for (const double end_time : end_times) sequence.add_notes()->set_end_time(end_time);
  return sequence;
}

TEST(SectionsTest, LastEndTimeIsPythonsMax) {
  EXPECT_EQ(LastEndTime({}), 0);
  EXPECT_EQ(LastEndTime(EndingAt({-2, -1, -3})), -1);
  const double nan = std::nan("");
  EXPECT_EQ(LastEndTime(EndingAt({1, nan})), 1);
  EXPECT_TRUE(std::isnan(LastEndTime(EndingAt({nan, 1}))));
}

TEST(SectionsTest, ThePrimerIsTheInputOrItsSection) {
  NoteSequence input = EndingAt({1.0, 3.0});
  input.mutable_notes(1)->set_start_time(2.0);
  GeneratorOptions options;
  options.add_generate_sections()->set_start_time(4.0);
  const auto read = [&] {
    return ReadPrimerSection(input, options, 8, EarlyStartError::kBeforeEnd);
  };
  PrimerSection primer = read().value();
  EXPECT_EQ(primer.sequence.notes_size(), 2);
  EXPECT_EQ(primer.start_step, 0);

  auto* section = options.add_input_sections();
  section->set_start_time(1.5);
  section->set_end_time(2.5);
  primer = read().value();
  ASSERT_EQ(primer.sequence.notes_size(), 1);
  EXPECT_EQ(primer.sequence.notes(0).end_time(), 2.5);
  EXPECT_EQ(primer.start_step, 13);  // the step after step 12

  options.mutable_generate_sections(0)->set_start_time(2.0);
  EXPECT_THAT(read().status().message(), HasSubstr("before the end of the NoteSequence"));
  section->set_start_time(INFINITY);
  EXPECT_THAT(read().status().message(), HasSubstr("OverflowError"));
}

TEST(SectionsTest, EachFamilyHasItsWordsForAnEarlyStart) {
  const auto error = [](double start_time, EarlyStartError words) {
    return std::string(CheckGenerateStart(EndingAt({0.5}), start_time, words).message());
  };
  EXPECT_EQ(error(0.4, EarlyStartError::kBeforeEnd),
            "SequenceGeneratorError: Got GenerateSection request for section that is before the "
            "end of the NoteSequence. This model can only extend sequences. Requested start time: "
            "0.4, Final note end time: 0.5");
  EXPECT_EQ(error(0.4, EarlyStartError::kBeforeOrEqualToEnd),
            "SequenceGeneratorError: Got GenerateSection request for section that is before or "
            "equal to the end of the NoteSequence. This model can only extend sequences. Requested "
            "start time: 0.4, Final note end time: 0.5");
  EXPECT_EQ(error(0.5, EarlyStartError::kBeforeOrEqualToEnd), "");
  EXPECT_EQ(error(0.5, EarlyStartError::kBeforeOrEqualToEndOfInputSection),
            "SequenceGeneratorError: Got GenerateSection request for section that is before or "
            "equal to the end of the input section. This model can only extend melodies. Requested "
            "start time: 0.5, Final note end time: 0.5");
  EXPECT_THAT(
      CheckGenerateStart({}, 0, EarlyStartError::kBeforeOrEqualToEndOfInputSection).message(),
      HasSubstr("Requested start time: 0.0, Final note end time: 0"));
}

TEST(SectionsTest, TheSectionBeginsAfterItsStepAndEndsInIt) {
  GeneratorOptions options;
  options.add_generate_sections()->set_start_time(1.0);
  options.mutable_generate_sections(0)->set_end_time(2.1);
  const GenerateSteps steps = QuantizeGenerateSection(options, 8).value();
  EXPECT_EQ(steps.start, 9);
  EXPECT_EQ(steps.end, 16);
}

TEST(SectionsTest, TheEndMayBeOffByRounding) {
  NoteSequence generated;
  generated.set_total_time(2.000001);
  EXPECT_TRUE(CheckGeneratedEnd(generated, 2.0).ok());
  generated.set_total_time(2.0001);
  EXPECT_THAT(CheckGeneratedEnd(generated, 2.0).message(), HasSubstr("AssertionError"));
  generated.set_total_time(std::nan(""));
  EXPECT_FALSE(CheckGeneratedEnd(generated, 2.0).ok());
}

TEST(SectionsTest, BoundsAreNamed) {
  Limits limits;
  EXPECT_TRUE(CheckTotalSteps(4096, limits.steps()).ok());
  EXPECT_EQ(CheckTotalSteps(4097, limits.steps()).message(),
            "the sequence would have 4097 steps; max_steps is 4096");
  EXPECT_THAT(CheckPrimerSteps(60001, limits.performance_steps()).message(),
              HasSubstr("max_performance_steps is 60000"));
}

}  // namespace
}  // namespace magenta_serving
