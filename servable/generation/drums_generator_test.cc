#include "servable/generation/drums_generator.h"

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/generation/test_util/requests.h"
#include "servable/generation/test_util/scripted_step_model.h"

namespace magenta_serving {
namespace {

using ::testing::HasSubstr;

std::unique_ptr<Generator> OneDrum() {
  return MakeDrumsGenerator("one_drum", std::make_shared<ScriptedStepModel>(2, 1)).value();
}

// A bass drum and a hi-hat for an eighth, which is a step of one_drum.
NoteSequence TwoDrums() { return Chord({36, 42}, 0.25); }

absl::StatusOr<Generation> Generate(const NoteSequence& input, const GeneratorOptions& options,
                                    const CallContext& context = {}) {
  return Generate(*OneDrum(), input, options, context);
}

TEST(DrumsGeneratorTest, ContinuesThePrimer) {
  const Generation generation = Generate(TwoDrums(), Section(0.25, 4.0)).value();
  const NoteSequence& sequence = generation.sequence;
  ASSERT_GE(sequence.notes_size(), 3);
  // In the order of the set.
  EXPECT_EQ(sequence.notes(0).pitch(), 42);
  EXPECT_EQ(sequence.notes(1).pitch(), 36);
  EXPECT_EQ(sequence.notes(1).end_time(), 0.25);
  for (const auto& note : sequence.notes()) {
    EXPECT_TRUE(note.is_drum());
    EXPECT_EQ(note.instrument(), 9);
    EXPECT_EQ(note.velocity(), 100);
    if (note.start_time() > 0) {
      EXPECT_EQ(note.pitch(), 39);
    }
  }
  EXPECT_LE(sequence.total_time(), 4.0);
  EXPECT_LT(generation.log_likelihood, 0);
}

TEST(DrumsGeneratorTest, GivesMagentasErrors) {
  const auto error = [](const NoteSequence& input, const GeneratorOptions& options) {
    return std::string(Generate(input, options).status().message());
  };
  EXPECT_THAT(error(TwoDrums(), Section(0.1, 2)),
              HasSubstr("SequenceGeneratorError: Got GenerateSection request for section that is "
                        "before the end of the NoteSequence."));
  NoteSequence high = TwoDrums();
  high.mutable_notes(0)->set_pitch(200);
  EXPECT_THAT(error(high, Section(0.25, 2)),
              HasSubstr("ValueError: Drum event contains invalid note: frozenset({200, 42})"));
  // Found only when there is something to generate.
  EXPECT_THAT(error(high, Section(0.25, 0.25)), HasSubstr("EventSequenceRnnModelError"));
}

TEST(DrumsGeneratorTest, HoldsTheLimits) {
  CallContext context;
  context.limits.max_steps = 64;
  EXPECT_THAT(Generate(TwoDrums(), Section(0.25, 1e9), context).status().message(),
              HasSubstr("max_steps is 64"));
  EXPECT_THAT(Generate(TwoDrums(), Section(1e9, 1e9 + 1), context).status().message(),
              HasSubstr("max_steps is 64"));
}

TEST(DrumsGeneratorTest, MakesTheInputThatMagentasCommandMakes) {
  const auto generator = OneDrum();
  Arguments arguments(generator->arguments());
  GeneratorInput input = generator->MakeInput(arguments, {}).value();
  ASSERT_EQ(input.sequence.notes_size(), 1);
  EXPECT_EQ(input.sequence.notes(0).pitch(), 36);
  EXPECT_EQ(input.sequence.notes(0).end_time(), 0.125);
  EXPECT_EQ(input.options.generate_sections(0).start_time(), 0.375);
  EXPECT_EQ(input.options.generate_sections(0).end_time(), 32.0);

  arguments.Set("primer_drums", "[(36, 42), [], (38,),]");
  arguments.Set("qpm", 60.0f);
  arguments.Set("num_steps", 8);
  input = generator->MakeInput(arguments, {}).value();
  ASSERT_EQ(input.sequence.notes_size(), 3);
  EXPECT_EQ(input.sequence.notes(2).start_time(), 0.5);
  EXPECT_EQ(input.options.generate_sections(0).start_time(), 1.25);
  EXPECT_EQ(input.options.generate_sections(0).end_time(), 4.0);

  arguments.Set("primer_drums", "[36, 42]");
  EXPECT_THAT(generator->MakeInput(arguments, {}).status().message(),
              HasSubstr("primer_drums: item 0 of the list: ValueError"));
  arguments.Set("primer_drums", "[(128,)]");
  EXPECT_THAT(generator->MakeInput(arguments, {}).status().message(),
              HasSubstr("Drum event contains invalid note"));
}

TEST(DrumsGeneratorTest, ScoresWhatTheModelExpects) {
  const auto generator = OneDrum();
  Arguments arguments(generator->score_arguments());
  arguments.Set("drums", "[(), (36, 38), (), (99,)]");
  const SequenceScore score = generator->Score(arguments, {}).value();
  EXPECT_EQ(score.event_log_likelihoods.size(), 3);
  EXPECT_NEAR(score.log_likelihood, 3 * std::log(0.75), 1e-6);
  arguments.Set("drums", "");
  arguments.Set("sequence_bytes", NoteSequence().SerializeAsString());
  EXPECT_FALSE(generator->Score(arguments, {}).ok());
}

TEST(DrumsGeneratorTest, RefusesModelsOfOtherSizes) {
  EXPECT_THAT(MakeDrumsGenerator("drum_kit", std::make_shared<ScriptedStepModel>(512, 1))
                  .status()
                  .message(),
              HasSubstr("takes inputs of 512"));
}

}  // namespace
}  // namespace magenta_serving
