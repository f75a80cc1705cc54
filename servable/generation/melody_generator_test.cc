#include "servable/generation/melody_generator.h"

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

constexpr int kBasicClasses = 38;

std::unique_ptr<Generator> BasicRnn(int batch_size = 1) {
  return MakeMelodyGenerator("basic_rnn", std::make_shared<ScriptedStepModel>(kBasicClasses, batch_size))
      .value();
}

TEST(MelodyGeneratorTest, ContinuesThePrimer) {
  const Generation generation = Generate(*BasicRnn(), MiddleC(), Section(0.375, 2.0)).value();
  const NoteSequence& sequence = generation.sequence;
  ASSERT_GE(sequence.notes_size(), 2);
  EXPECT_EQ(sequence.notes(0).pitch(), 60);
  EXPECT_EQ(sequence.notes(0).velocity(), 100);
  EXPECT_EQ(sequence.notes(0).start_time(), 0);
  EXPECT_EQ(sequence.notes(0).end_time(), 0.25);
  EXPECT_EQ(sequence.tempos(0).qpm(), 120);
  EXPECT_EQ(sequence.ticks_per_quarter(), 220);
  EXPECT_EQ(sequence.total_time(), sequence.notes(sequence.notes_size() - 1).end_time());
  EXPECT_LE(sequence.total_time(), 2.0);
  EXPECT_LT(generation.log_likelihood, 0);
}

TEST(MelodyGeneratorTest, PaddingRowsDrawToo) {
  const auto notes = [](int batch_size) {
    return Generate(*BasicRnn(batch_size), MiddleC(), Section(0.375, 8.0))
        .value()
        .sequence.SerializeAsString();
  };
  EXPECT_EQ(notes(1), notes(1));
  EXPECT_NE(notes(1), notes(64));
}

TEST(MelodyGeneratorTest, RefusesSectionsThatMagentaRefuses) {
  const auto error = [](const NoteSequence& input, const GeneratorOptions& options) {
    const auto status = Generate(*BasicRnn(), input, options).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  EXPECT_THAT(error(MiddleC(), GeneratorOptions()),
              HasSubstr("SequenceGeneratorError: This model supports only 1"));
  GeneratorOptions options = Section(0.375, 2);
  options.add_input_sections();
  options.add_input_sections();
  EXPECT_THAT(error(MiddleC(), options),
              HasSubstr("at most one input_sections message, but got 2"));
  EXPECT_THAT(error(MiddleC(), Section(0.1, 2)),
              HasSubstr("Requested start time: 0.1, Final note end time: 0.25"));
  EXPECT_THAT(
      error(MiddleC(), Section(1.0, 1.0)),
      HasSubstr("EventSequenceRnnModelError: primer sequence must be shorter than `num_steps`"));
  NoteSequence tempos = MiddleC();
  tempos.add_tempos()->set_qpm(60);
  tempos.mutable_tempos(1)->set_time(0.1);
  EXPECT_THAT(error(tempos, Section(0.375, 2)), HasSubstr("MultipleTempoError"));
  options = Section(0.375, 2);
  (*options.mutable_args())["steps_per_iteration"].set_float_value(3);  // reads as 0
  EXPECT_THAT(error(MiddleC(), options), HasSubstr("ZeroDivisionError"));
}

TEST(MelodyGeneratorTest, HoldsTheLimits) {
  CallContext context;
  context.limits.max_steps = 64;
  EXPECT_THAT(Generate(*BasicRnn(), MiddleC(), Section(0.375, 100), context).status().message(),
              HasSubstr("max_steps is 64"));
  EXPECT_THAT(Generate(*BasicRnn(), MiddleC(), Section(1e9, 1e9 + 1), context).status().message(),
              HasSubstr("max_steps is 64"));
  GeneratorOptions options = Section(0.375, 2);
  (*options.mutable_args())["beam_size"].set_int_value(1 << 30);
  (*options.mutable_args())["branch_factor"].set_int_value(1 << 30);
  EXPECT_THAT(Generate(*BasicRnn(), MiddleC(), options, context).status().message(),
              HasSubstr("max_beams is 64"));
  context.deadline = DeadlineIn(-1);
  EXPECT_EQ(Generate(*BasicRnn(), MiddleC(), Section(0.375, 2), context).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST(MelodyGeneratorTest, MakesTheInputThatMagentasCommandMakes) {
  const auto generator = BasicRnn();
  Arguments arguments(generator->arguments());
  GeneratorInput input = generator->MakeInput(arguments, {}).value();
  ASSERT_EQ(input.sequence.notes_size(), 1);  // middle C for one step
  EXPECT_EQ(input.sequence.notes(0).pitch(), 60);
  EXPECT_EQ(input.options.generate_sections(0).start_time(), 0.25);
  EXPECT_EQ(input.options.generate_sections(0).end_time(), 16.0);
  EXPECT_EQ(input.options.args().at("temperature").float_value(), 1.0);

  arguments.Set("primer_melody", "[62, -2, -1, 64]");
  arguments.Set("qpm", 60.0f);
  arguments.Set("num_steps", 8);
  arguments.Set("beam_size", 3);
  input = generator->MakeInput(arguments, {}).value();
  EXPECT_EQ(input.sequence.notes_size(), 2);
  EXPECT_EQ(input.sequence.tempos(0).qpm(), 60);
  EXPECT_EQ(input.options.generate_sections(0).start_time(), 1.25);
  EXPECT_EQ(input.options.generate_sections(0).end_time(), 2.0);
  EXPECT_EQ(input.options.args().at("beam_size").int_value(), 3);

  // A primer's own tempo counts.
  arguments.Set("primer_melody", "");
  arguments.Set("primer_sequence_bytes", MiddleC().SerializeAsString());
  EXPECT_EQ(generator->MakeInput(arguments, {}).value().options.generate_sections(0).end_time(),
            1.0);
}

TEST(MelodyGeneratorTest, NamesTheArgumentThatMakesNoSense) {
  const auto generator = BasicRnn();
  const auto error = [&](const char* name, ArgumentValue value) {
    Arguments arguments(generator->arguments());
    arguments.Set(name, std::move(value));
    return std::string(generator->MakeInput(arguments, {}).status().message());
  };
  EXPECT_THAT(error("temperature", 0.0f), HasSubstr("temperature is 0.0"));
  EXPECT_THAT(error("temperature", std::nanf("")), HasSubstr("temperature is nan"));
  EXPECT_THAT(error("qpm", -1.0f), HasSubstr("qpm is -1.0"));
  EXPECT_THAT(error("num_steps", 0), HasSubstr("num_steps is 0; it must be from 1 to 4096"));
  EXPECT_THAT(error("num_steps", 1), HasSubstr("nothing to generate"));
  EXPECT_THAT(error("beam_size", 0), HasSubstr("beam_size is 0"));
  EXPECT_THAT(error("primer_melody", "[128]"),
              HasSubstr("ValueError: Melody event out of range: 128"));
  EXPECT_THAT(error("primer_midi_bytes", "MThd"),
              HasSubstr("primer_midi_bytes: MIDIConversionError"));
}

TEST(MelodyGeneratorTest, ScoresWhatTheModelExpects) {
  const auto generator = BasicRnn();
  Arguments arguments(generator->score_arguments());
  // Middle C is key 0, so that pitches stay: classes 14, 15, 16 and 16 again as NO_EVENT is class
  // 0.
  arguments.Set("melody", "[60, 61, 62]");
  const SequenceScore score = generator->Score(arguments, {}).value();
  EXPECT_EQ(score.event_log_likelihoods.size(), 2);
  EXPECT_NEAR(score.event_log_likelihoods[0], std::log(0.75), 1e-6);
  EXPECT_NEAR(score.log_likelihood, 2 * std::log(0.75), 1e-6);
  arguments.Set("melody", "[60]");
  EXPECT_THAT(generator->Score(arguments, {}).status().message(), HasSubstr("at least two events"));
  arguments.Set("melody", "");
  EXPECT_THAT(generator->Score(arguments, {}).status().message(), HasSubstr("give one of"));
}

TEST(MelodyGeneratorTest, RefusesModelsOfOtherSizes) {
  EXPECT_THAT(MakeMelodyGenerator("mono_rnn", std::make_shared<ScriptedStepModel>(kBasicClasses, 1))
                  .status()
                  .message(),
              HasSubstr("takes inputs of 38"));
}

}  // namespace
}  // namespace magenta_serving
