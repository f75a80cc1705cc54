#include "servable/generation/polyphony_generator.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/generation/test_util/requests.h"
#include "servable/generation/test_util/scripted_step_model.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kClasses = 259;
constexpr int kStepEnd = 2;
constexpr int kNewC = 3 + 60;

// After a step's end, mostly a new middle C; after all else, mostly a step's end. Notes what it was
// fed.
class AlternatingModel : public StepModel {
 public:
  explicit AlternatingModel(int batch_size)
      : shape_{batch_size, kClasses, kClasses, 1, {kClasses}} {}

  const StepShape& shape() const override { return shape_; }
  absl::Span<const float> initial_state() const override { return initial_state_; }

  absl::Status Step(absl::Span<const StepRow> rows, int num_steps, float) const override {
    for (const StepRow& row : rows) {
      for (int step = 0; step < num_steps; ++step) {
        const float* input = row.inputs.data() + step * kClasses;
        const int hot = static_cast<int>(std::max_element(input, input + kClasses) - input);
        fed.push_back(hot);
        float* softmax = row.softmax.data() + step * kClasses;
        std::fill_n(softmax, kClasses, 0.0f);
        softmax[hot == kStepEnd ? kNewC : kStepEnd] = 0.75f;
        softmax[hot == kStepEnd ? kStepEnd : kNewC] = 0.25f;
      }
    }
    return absl::OkStatus();
  }

  mutable std::vector<int> fed;

 private:
  StepShape shape_;
  std::vector<float> initial_state_ = {0.0f};
};

struct Polyphony {
  explicit Polyphony(int batch_size = 1)
      : model(std::make_shared<AlternatingModel>(batch_size)),
        generator(MakePolyphonyGenerator("polyphony", model).value()) {}

  absl::StatusOr<Generation> Generate(const NoteSequence& input, const GeneratorOptions& options,
                                      const CallContext& context = {}) const {
    return magenta_serving::Generate(*generator, input, options, context);
  }

  std::shared_ptr<AlternatingModel> model;
  std::unique_ptr<Generator> generator;
};

using magenta_serving::Section;

GeneratorOptions Section(double start, double end, bool condition, bool inject = true) {
  GeneratorOptions options = Section(start, end);
  (*options.mutable_args())["condition_on_primer"].set_bool_value(condition);
  (*options.mutable_args())["no_inject_primer_during_generation"].set_bool_value(!inject);
  return options;
}

// E for a 16th, a step at 120 quarters per minute.
NoteSequence OneE() {
  NoteSequence sequence = Chord({64}, 0.125);
  sequence.set_id("primer");
  return sequence;
}

TEST(PolyphonyGeneratorTest, AddsToThePrimer) {
  const Polyphony polyphony;
  const Generation generation = polyphony.Generate(OneE(), Section(0.125, 2)).value();
  const NoteSequence& sequence = generation.sequence;
  EXPECT_EQ(sequence.id(), "primer");
  ASSERT_GE(sequence.notes_size(), 3);
  EXPECT_EQ(sequence.notes(0).velocity(), 80);
  EXPECT_EQ(sequence.notes(1).velocity(), 100);
  // The step after the one where the section starts is the first, and has the primer's E once more.
  EXPECT_EQ(sequence.notes(1).pitch(), 64);
  EXPECT_EQ(sequence.notes(1).start_time(), 0.25);
  EXPECT_EQ(sequence.total_time(), 2);
  EXPECT_LT(generation.log_likelihood, 0);
  // START, with the E that is played into the first step.
  EXPECT_THAT(std::vector<int>(polyphony.model->fed.begin(), polyphony.model->fed.begin() + 2),
              ElementsAre(0, 3 + 64));
}

TEST(PolyphonyGeneratorTest, LeavesThePrimerOutOfWhatIsGenerated) {
  const Polyphony polyphony;
  const NoteSequence sequence =
      polyphony.Generate(OneE(), Section(0.125, 2, false, false)).value().sequence;
  EXPECT_EQ(std::count_if(sequence.notes().begin(), sequence.notes().end(),
                          [](const auto& note) { return note.pitch() == 64; }),
            1);
}

TEST(PolyphonyGeneratorTest, ReadsThePrimerFirst) {
  const Polyphony polyphony;
  const NoteSequence sequence =
      polyphony.Generate(OneE(), Section(0.125, 2, true, false)).value().sequence;
  EXPECT_EQ(sequence.id(), "");
  EXPECT_EQ(sequence.notes(0).pitch(), 64);
  EXPECT_EQ(sequence.notes(0).velocity(), 100);
  EXPECT_EQ(sequence.notes(0).start_time(), 0);
  EXPECT_EQ(sequence.ticks_per_quarter(), 220);
  EXPECT_EQ(sequence.total_time(), 2);
  // START, E, and the ends of the two steps before the section.
  EXPECT_THAT(std::vector<int>(polyphony.model->fed.begin(), polyphony.model->fed.begin() + 4),
              ElementsAre(0, 3 + 64, kStepEnd, kStepEnd));
}

TEST(PolyphonyGeneratorTest, PlaysThePrimerAgainAfterItHasBeenRead) {
  const Polyphony polyphony;
  const NoteSequence sequence =
      polyphony.Generate(OneE(), Section(0.125, 2, true, true)).value().sequence;
  std::vector<double> starts;
  for (const auto& note : sequence.notes()) {
    if (note.pitch() == 64) starts.push_back(note.start_time());
  }
  EXPECT_THAT(starts, ElementsAre(0, 0.25));
}

TEST(PolyphonyGeneratorTest, ForgetsAPrimerOfSeveralPrograms) {
  NoteSequence primer = OneE();
  *primer.add_notes() = primer.notes(0);
  primer.mutable_notes(1)->set_program(3);
  const Polyphony polyphony;
  ASSERT_TRUE(polyphony.Generate(primer, Section(0.125, 2, true, true)).ok());
  EXPECT_EQ(std::count(polyphony.model->fed.begin(), polyphony.model->fed.end(), 3 + 64), 0);
}

TEST(PolyphonyGeneratorTest, RefusesBeamsThatGrowApartInOneBatch) {
  // Of two beams, one may be at a step's beginning while the other is not.
  NoteSequence primer = OneE();
  primer.mutable_notes(0)->set_end_time(4);
  primer.set_total_time(4);
  GeneratorOptions options = Section(4, 12);
  (*options.mutable_args())["beam_size"].set_int_value(4);
  EXPECT_TRUE(Polyphony(1).Generate(primer, options).ok());
  EXPECT_THAT(Polyphony(4).Generate(primer, options).status().message(),
              HasSubstr("inhomogeneous shape"));
  options = Section(4, 12, false, false);
  (*options.mutable_args())["beam_size"].set_int_value(4);
  EXPECT_TRUE(Polyphony(4).Generate(primer, options).ok());
}

TEST(PolyphonyGeneratorTest, RefusesSectionsThatMagentaRefuses) {
  const auto error = [](const NoteSequence& input, const GeneratorOptions& options) {
    const auto status = Polyphony().Generate(input, options).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  EXPECT_THAT(error(OneE(), GeneratorOptions()), HasSubstr("supports only 1 generate_sections"));
  EXPECT_THAT(error(OneE(), Section(0.1, 2)),
              HasSubstr("before or equal to the end of the NoteSequence. This model can only "
                        "extend sequences. Requested start time: 0.1"));
  EXPECT_THAT(error(OneE(), Section(1, 0.5)), HasSubstr("AssertionError"));
  // A copy of the primer needs its tempo; a new sequence does not.
  NoteSequence primer = OneE();
  primer.clear_tempos();
  EXPECT_THAT(error(primer, Section(0.125, 2)), HasSubstr("IndexError"));
  EXPECT_TRUE(Polyphony().Generate(primer, Section(0.125, 2, true)).ok());
}

TEST(PolyphonyGeneratorTest, HoldsTheLimits) {
  const auto error = [](const GeneratorOptions& options, const CallContext& context) {
    return Polyphony().Generate(OneE(), options, context).status();
  };
  CallContext context;
  context.limits.max_steps = 64;
  EXPECT_THAT(error(Section(0.125, 100), context).message(), HasSubstr("max_steps is 64"));
  EXPECT_THAT(error(Section(1e9, 1e9 + 1), context).message(), HasSubstr("max_steps is 64"));
  context.deadline = DeadlineIn(-1);
  EXPECT_EQ(error(Section(0.125, 2), context).code(), absl::StatusCode::kDeadlineExceeded);
}

TEST(PolyphonyGeneratorTest, EndsWhenTheModelEndsNoStep) {
  // After START come END, one STEP_END, and then only notes.
  const auto generator =
      MakePolyphonyGenerator("polyphony", std::make_shared<ScriptedStepModel>(kClasses, 1)).value();
  CallContext context;
  context.limits.max_events = 2000;
  NumpyRandom random(7);
  const auto status = generator->Generate(OneE(), Section(0.125, 60), &random, context).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr("max_events is 2000"));
}

TEST(PolyphonyGeneratorTest, MakesTheInputThatMagentasCommandMakes) {
  const Polyphony polyphony;
  const Generator& generator = *polyphony.generator;
  Arguments arguments(generator.arguments());
  GeneratorInput input = generator.MakeInput(arguments, {}).value();
  EXPECT_TRUE(input.sequence.notes().empty());
  EXPECT_EQ(input.sequence.tempos(0).qpm(), 120);
  EXPECT_EQ(input.options.generate_sections(0).start_time(), 0);
  EXPECT_EQ(input.options.generate_sections(0).end_time(), 16.0);
  EXPECT_FALSE(input.options.args().at("condition_on_primer").bool_value());
  EXPECT_FALSE(input.options.args().at("no_inject_primer_during_generation").bool_value());
  EXPECT_EQ(input.options.args().at("temperature").float_value(), 1.0);

  arguments.Set("primer_pitches", "[60, 64]");
  arguments.Set("qpm", 60.0f);
  arguments.Set("condition_on_primer", true);
  arguments.Set("inject_primer_during_generation", false);
  input = generator.MakeInput(arguments, {}).value();
  EXPECT_EQ(input.sequence.notes(1).end_time(), 1.0);
  EXPECT_EQ(input.sequence.tempos(0).qpm(), 60);
  EXPECT_EQ(input.options.generate_sections(0).start_time(), 1.0);
  EXPECT_EQ(input.options.generate_sections(0).end_time(), 32.0);
  EXPECT_TRUE(input.options.args().at("condition_on_primer").bool_value());
  EXPECT_TRUE(input.options.args().at("no_inject_primer_during_generation").bool_value());

  arguments.Set("primer_pitches", "");
  arguments.Set("primer_melody", "[60, -2, 62]");
  EXPECT_EQ(generator.MakeInput(arguments, {}).value().options.generate_sections(0).start_time(),
            0.75);
  arguments.Set("num_steps", 3);
  EXPECT_THAT(generator.MakeInput(arguments, {}).status().message(),
              HasSubstr("nothing to generate"));
}

TEST(PolyphonyGeneratorTest, ScoresWhatTheModelExpects) {
  const Polyphony polyphony;
  Arguments arguments(polyphony.generator->score_arguments());
  NoteSequence sequence = OneE();
  sequence.mutable_notes(0)->set_pitch(60);
  arguments.Set("sequence_bytes", sequence.SerializeAsString());
  // START, C, STEP_END and END, which the model does not expect.
  const SequenceScore score = polyphony.generator->Score(arguments, {}).value();
  ASSERT_EQ(score.event_log_likelihoods.size(), 3);
  EXPECT_NEAR(score.event_log_likelihoods[0], std::log(0.25), 1e-6);
  EXPECT_NEAR(score.event_log_likelihoods[1], std::log(0.75), 1e-6);
  EXPECT_EQ(score.event_log_likelihoods[2], -INFINITY);

  *sequence.add_notes() = sequence.notes(0);
  sequence.mutable_notes(1)->set_program(1);
  arguments.Set("sequence_bytes", sequence.SerializeAsString());
  EXPECT_THAT(polyphony.generator->Score(arguments, {}).status().message(),
              HasSubstr("several programs"));
}

TEST(PolyphonyGeneratorTest, RefusesModelsOfOtherShapes) {
  EXPECT_THAT(MakePolyphonyGenerator("polyphony", std::make_shared<ScriptedStepModel>(38, 1))
                  .status()
                  .message(),
              HasSubstr("takes inputs of 38"));
}

}  // namespace
}  // namespace magenta_serving
