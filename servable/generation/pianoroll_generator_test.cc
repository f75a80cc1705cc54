#include "servable/generation/pianoroll_generator.h"

#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/generation/test_util/requests.h"
#include "servable/generation/test_util/scripted_nade_model.h"

namespace magenta_serving {
namespace {

using ::testing::HasSubstr;

using Options = ScriptedNadeModel::Options;

std::unique_ptr<Generator> RnnNade(const Options& options = {}) {
  return MakePianorollGenerator("rnn-nade", std::make_shared<ScriptedNadeModel>(options)).value();
}

std::vector<int> PitchesOf(const NoteSequence& sequence) {
  std::vector<int> pitches;
  for (const auto& note : sequence.notes()) pitches.push_back(note.pitch());
  return pitches;
}

TEST(PianorollGeneratorTest, KeepsWhatTheGraphFinds) {
  // The sample of a step is that of the state before it: key 0, then the number of steps so far.
  const auto generation = Generate(*RnnNade(), MiddleC(), Section(0.25, 0.75)).value();
  EXPECT_EQ(PitchesOf(generation.sequence), std::vector<int>({60, 21, 24, 25}));
  EXPECT_EQ(generation.sequence.total_time(), 0.75);
  EXPECT_EQ(generation.log_likelihood, -3);
}

TEST(PianorollGeneratorTest, FailsAsMagentaDoesUnlessAskedToServe) {
  const auto generator = RnnNade({/*thresholds=*/true, /*has_log_prob_column=*/false});
  GeneratorOptions options = Section(0.25, 0.75);
  EXPECT_THAT(Generate(*generator, MiddleC(), options).status().message(),
              HasSubstr("IndexError: too many indices for array"));
  // What is wrong with the request comes first.
  EXPECT_THAT(Generate(*generator, NoteSequence(), options).status().message(),
              HasSubstr("ValueError: No priming pianoroll could be extracted."));
  (*options.mutable_args())["sample"].set_bool_value(false);
  EXPECT_TRUE(Generate(*generator, MiddleC(), options).ok());
}

TEST(PianorollGeneratorTest, DrawsBySeed) {
  GeneratorOptions options = Section(0.25, 8);
  const auto notes = [&](const Options& model, uint32_t seed) {
    return Generate(*RnnNade(model), MiddleC(), options, {}, seed)->sequence.SerializeAsString();
  };
  const Options drawing = {/*thresholds=*/false, /*has_log_prob_column=*/true};
  EXPECT_EQ(notes(drawing, 1), notes(drawing, 1));
  EXPECT_NE(notes(drawing, 1), notes(drawing, 2));
  EXPECT_EQ(notes({}, 1), notes({}, 2));
  (*options.mutable_args())["sample"].set_bool_value(true);
  EXPECT_NE(notes({}, 1), notes({}, 2));
  EXPECT_EQ(notes({}, 1), notes(drawing, 1));
}

TEST(PianorollGeneratorTest, DrawsEachNoteWithItsProbability) {
  GeneratorOptions options = Section(0.25, 256);
  (*options.mutable_args())["beam_size"].set_int_value(1);
  const NoteSequence sequence =
      Generate(*RnnNade({/*thresholds=*/false, true}), MiddleC(), options)->sequence;
  // The lowest key has a probability of a half in each of about 2000 steps, the others of nearly 0.
  double down = 0;
  for (const auto& note : sequence.notes()) {
    if (note.pitch() == 21) down += (note.end_time() - note.start_time()) / 0.125;
  }
  EXPECT_NEAR(down, 1023, 120);
}

TEST(PianorollGeneratorTest, GivesMagentasErrors) {
  const auto error = [](const NoteSequence& input, const GeneratorOptions& options) {
    return std::string(Generate(*RnnNade(), input, options).status().message());
  };
  EXPECT_THAT(error(MiddleC(), Section(0.1, 2)),
              HasSubstr("before or equal to the end of the NoteSequence"));
  NoteSequence two_programs = MiddleC();
  *two_programs.add_notes() = two_programs.notes(0);
  two_programs.mutable_notes(1)->set_program(3);
  EXPECT_THAT(error(two_programs, Section(0.25, 2)), HasSubstr("No priming pianoroll"));
  EXPECT_THAT(error(MiddleC(), Section(1.0, 1.0)), HasSubstr("EventSequenceRnnModelError"));
  GeneratorOptions beams = Section(0.25, 2);
  (*beams.mutable_args())["beam_size"].set_int_value(0);
  EXPECT_THAT(error(MiddleC(), beams), HasSubstr("IndexError"));
}

TEST(PianorollGeneratorTest, HoldsTheLimits) {
  CallContext context;
  context.limits.max_steps = 64;
  NoteSequence late = MiddleC();
  late.set_total_time(1e9);
  for (const auto& [input, start, end] :
       {std::tuple(MiddleC(), 0.25, 1e9), std::tuple(MiddleC(), 1e9, 1e9 + 1),
        std::tuple(late, 0.25, 2.0)}) {
    EXPECT_THAT(Generate(*RnnNade(), input, Section(start, end), context).status().message(),
                HasSubstr("max_steps is 64"));
  }
}

TEST(PianorollGeneratorTest, MakesTheInputThatMagentasCommandMakes) {
  const auto generator = RnnNade();
  Arguments arguments(generator->arguments());
  GeneratorInput input = generator->MakeInput(arguments, {}).value();
  EXPECT_EQ(input.sequence.notes_size(), 0);
  EXPECT_EQ(input.sequence.tempos(0).qpm(), 60);
  EXPECT_EQ(input.options.generate_sections(0).start_time(), 0);
  EXPECT_EQ(input.options.generate_sections(0).end_time(), 32);
  EXPECT_FALSE(input.options.args().at("sample").bool_value());
  EXPECT_EQ(input.options.args().count("temperature"), 0);

  arguments.Set("primer_pitches", "[60, 64, 200]");
  arguments.Set("sample", true);
  input = generator->MakeInput(arguments, {}).value();
  EXPECT_EQ(PitchesOf(input.sequence), std::vector<int>({60, 64, 200}));
  EXPECT_EQ(input.sequence.notes(1).end_time(), 1.0);
  EXPECT_EQ(input.options.generate_sections(0).start_time(), 1.0);
  EXPECT_TRUE(input.options.args().at("sample").bool_value());

  arguments.Set("primer_pitches", "");
  arguments.Set("primer_pianoroll", "[(55,), (55, 20), (), (62,)]");
  arguments.Set("qpm", 120.0f);
  input = generator->MakeInput(arguments, {}).value();
  EXPECT_EQ(PitchesOf(input.sequence), std::vector<int>({55, 62}));
  EXPECT_EQ(input.sequence.notes(0).end_time(), 0.25);
  EXPECT_EQ(input.options.generate_sections(0).start_time(), 0.5);

  arguments.Set("primer_pianoroll", "");
  arguments.Set("primer_pitches", "[]");
  EXPECT_THAT(generator->MakeInput(arguments, {}).status().message(),
              HasSubstr("primer_pitches needs at least one pitch"));
}

TEST(PianorollGeneratorTest, OffersSamplingWhereTheGraphDoesNotDraw) {
  const auto has_sample = [](const Generator& generator) {
    return Arguments(generator.arguments()).Has("sample");
  };
  EXPECT_TRUE(has_sample(*RnnNade()));
  EXPECT_FALSE(has_sample(*RnnNade({/*thresholds=*/false, true})));
}

TEST(PianorollGeneratorTest, ScoresEveryEvent) {
  const auto generator = RnnNade();
  Arguments arguments(generator->score_arguments());
  arguments.Set("pianoroll", "[(), (60,), (21,)]");
  const SequenceScore score = generator->Score(arguments, {}).value();
  ASSERT_EQ(score.event_log_likelihoods.size(), 3);
  // The lowest key is a coin, the others are as good as never down.
  EXPECT_NEAR(score.event_log_likelihoods[0], -0.693, 1e-2);
  EXPECT_LT(score.event_log_likelihoods[1], -10);
  EXPECT_NEAR(score.event_log_likelihoods[2], -0.693, 1e-2);
  arguments.Set("pianoroll", "[]");
  EXPECT_FALSE(generator->Score(arguments, {}).ok());
}

TEST(PianorollGeneratorTest, RefusesModelsOfOtherSizes) {
  Options small;
  small.num_dims = 12;
  EXPECT_THAT(
      MakePianorollGenerator("rnn-nade", std::make_shared<ScriptedNadeModel>(small))
          .status()
          .message(),
      HasSubstr("takes inputs of 12"));
}

}  // namespace
}  // namespace magenta_serving
