#include "servable/generation/performance_generator.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/generation/performance_config.h"
#include "servable/generation/test_util/requests.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr int kShift10 = 256 + 9;  // class of a TIME_SHIFT of 10 steps

// Draws the classes of a cycle, whatever it is fed; the first element of its state counts events.
// Fails the test when an input is not of zeros and of one number above 0 for each head and control.
class CyclicStepModel : public StepModel {
 public:
  // `cycle` has the classes of all heads for each event.
  CyclicStepModel(int input_size, std::vector<int> head_sizes, std::vector<std::vector<int>> cycle)
      : cycle_(std::move(cycle)) {
    shape_.batch_size = 1;
    shape_.input_size = input_size;
    shape_.state_size = 1;
    for (const int size : head_sizes) shape_.num_classes += size;
    shape_.head_sizes = std::move(head_sizes);
  }

  const StepShape& shape() const override { return shape_; }
  absl::Span<const float> initial_state() const override { return initial_state_; }

  absl::Status Step(absl::Span<const StepRow> rows, int num_steps, float) const override {
    for (const StepRow& row : rows) {
      last_input_.assign(row.inputs.end() - shape_.input_size, row.inputs.end());
      for (int step = 0; step < num_steps; ++step) {
        const auto& classes = cycle_[static_cast<int>(row.state[0]) % cycle_.size()];
        float* softmax = row.softmax.data() + step * shape_.num_classes;
        std::fill_n(softmax, shape_.num_classes, 0.0f);
        for (size_t head = 0; head < classes.size(); ++head) {
          softmax[classes[head]] = 1.0f;
          softmax += shape_.head_sizes[head];
        }
        row.state[0] += 1;
      }
    }
    return absl::OkStatus();
  }

  const std::vector<float>& last_input() const { return last_input_; }

 private:
  StepShape shape_;
  std::vector<std::vector<int>> cycle_;
  std::vector<float> initial_state_ = {0.0f};
  mutable std::vector<float> last_input_;
};

std::shared_ptr<CyclicStepModel> OneHeadModel(int input_size, int num_classes,
                                              const std::vector<int>& cycle) {
  std::vector<std::vector<int>> classes;
  for (const int index : cycle) classes.push_back({index});
  return std::make_shared<CyclicStepModel>(input_size, std::vector<int>{num_classes}, classes);
}

std::unique_ptr<Generator> Plain(const std::vector<int>& cycle) {
  return MakePerformanceGenerator("performance", OneHeadModel(356, 356, cycle)).value();
}

using magenta_serving::Section;

GeneratorOptions Section(double start, double end, bool fill) {
  GeneratorOptions options = Section(start, end);
  (*options.mutable_args())[kFillGenerateSection].set_bool_value(fill);
  return options;
}

TEST(PerformanceGeneratorTest, ContinuesThePrimer) {
  // A new note each 10 steps, ended after 10.
  const auto generator = Plain({72, kShift10, 128 + 72});
  const Generation generation = Generate(*generator, MiddleC(), Section(0.25, 1.0)).value();
  const NoteSequence& sequence = generation.sequence;
  ASSERT_GT(sequence.notes_size(), 3);
  EXPECT_EQ(sequence.notes(0).pitch(), 60);
  EXPECT_EQ(sequence.notes(0).end_time(), 0.25);
  EXPECT_EQ(sequence.notes(1).pitch(), 72);
  EXPECT_EQ(sequence.notes(1).velocity(), 100);
  EXPECT_EQ(sequence.ticks_per_quarter(), 220);
  EXPECT_LE(sequence.total_time(), 1.0 + 1e-9);
  // The primer's own events have no probability in the cycle.
  EXPECT_EQ(generation.log_likelihood, -std::numeric_limits<float>::infinity());
}

TEST(PerformanceGeneratorTest, FillsTheSectionInRoundsIfAsked) {
  // A step for every three events: a round of 60 events for a second makes 20 steps.
  const auto generator = Plain({72, 256, 128 + 72});
  const auto last_start = [&](bool fill) {
    const NoteSequence sequence =
        Generate(*generator, NoteSequence(), Section(0, 3, fill)).value().sequence;
    return sequence.notes(sequence.notes_size() - 1).start_time();
  };
  EXPECT_LT(last_start(false), 2);
  EXPECT_GT(last_start(true), 2.9);
}

TEST(PerformanceGeneratorTest, EndsWhereMagentaWouldNot) {
  const auto generator = Plain({72, 128 + 72});
  CallContext context;
  context.limits.max_events = 1000;
  EXPECT_TRUE(Generate(*generator, NoteSequence(), Section(0, 3), context).ok());
  const absl::Status status =
      Generate(*generator, NoteSequence(), Section(0, 3, true), context).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr("max_events is 1000"));
}

TEST(PerformanceGeneratorTest, RefusesSectionsThatMagentaRefuses) {
  const auto generator = Plain({kShift10});
  const auto error = [&](const NoteSequence& input, const GeneratorOptions& options) {
    return std::string(Generate(*generator, input, options).status().message());
  };
  EXPECT_THAT(error(MiddleC(), GeneratorOptions()),
              HasSubstr("SequenceGeneratorError: This model supports only 1"));
  EXPECT_THAT(error(MiddleC(), Section(0.1, 2)), HasSubstr("before or equal to the end"));
  EXPECT_THAT(error(NoteSequence(), Section(2, 1)), StartsWith("AssertionError"));
  EXPECT_THAT(error(MiddleC(), Section(1, -0.2)), StartsWith("AssertionError"));
  GeneratorOptions options = Section(1, 2);
  (*options.mutable_args())["disable_conditioning"].set_string_value("True");
  EXPECT_THAT(error(MiddleC(), options), StartsWith("TypeError"));
  NoteSequence early = MiddleC();
  early.mutable_notes(0)->set_start_time(-1);
  EXPECT_THAT(error(early, Section(1, 2)), StartsWith("NegativeTimeError"));
}

TEST(PerformanceGeneratorTest, GeneratesNothingForASectionThatEndsAtItsStart) {
  const Generation generation =
      Generate(*Plain({kShift10}), MiddleC(), Section(0.25, 0.25)).value();
  EXPECT_EQ(generation.sequence.notes_size(), 1);
  EXPECT_EQ(generation.log_likelihood, 0);
}

TEST(PerformanceGeneratorTest, HoldsTheLimits) {
  const auto generator = Plain({kShift10});
  CallContext context;
  context.limits.max_performance_steps = 1000;
  EXPECT_THAT(Generate(*generator, MiddleC(), Section(1, 12), context).status().message(),
              HasSubstr("max_performance_steps is 1000"));
  EXPECT_THAT(Generate(*generator, MiddleC(), Section(1e12, 1e12 + 1), context).status().message(),
              HasSubstr("max_performance_steps is 1000"));
  const auto density = MakePerformanceGenerator("density_conditioned_performance_with_dynamics",
                                                OneHeadModel(396, 388, {kShift10}))
                           .value();
  GeneratorOptions options = Section(0, 3);
  (*options.mutable_args())["notes_per_second"].set_string_value("1e300");
  EXPECT_THAT(Generate(*density, NoteSequence(), options).status().message(),
              HasSubstr("max_events is"));
  (*options.mutable_args())["notes_per_second"].set_string_value("1e400");
  EXPECT_THAT(Generate(*density, NoteSequence(), options).status().message(),
              StartsWith("OverflowError"));
}

TEST(PerformanceGeneratorTest, FeedsControlsOfTheTimeReached) {
  const auto model = OneHeadModel(409, 388, {kShift10});
  const auto generator =
      MakePerformanceGenerator("optional_multiconditioned_performance_with_dynamics", model)
          .value();
  GeneratorOptions options = Section(0, 2);
  auto& args = *options.mutable_args();
  args["notes_per_second"].set_string_value("[1, 70]");
  args["pitch_class_histogram"].set_string_value("[0,0,0,0,0,1,0,0,0,0,0,0]");
  ASSERT_TRUE(Generate(*generator, NoteSequence(), options).ok());
  std::vector<float> control(model->last_input().begin(), model->last_input().begin() + 21);
  std::vector<float> expected(21);
  expected[1 + 7] = expected[1 + 8 + 5] = 1;
  EXPECT_EQ(control, expected);

  args["disable_conditioning"].set_string_value("[False, True]");
  ASSERT_TRUE(Generate(*generator, NoteSequence(), options).ok());
  control.assign(model->last_input().begin(), model->last_input().begin() + 21);
  expected.assign(21, 0);
  expected[0] = 1;
  EXPECT_EQ(control, expected);
}

TEST(PerformanceGeneratorTest, TellsCompactBundlesByTheirGraph) {
  const auto config_of = [](int input_size) {
    return MakePerformanceGenerator("performance_with_dynamics",
                                    OneHeadModel(input_size, 388, {kShift10}))
        .value()
        ->config();
  };
  EXPECT_EQ(config_of(388), "performance_with_dynamics");
  EXPECT_EQ(config_of(1), "performance_with_dynamics_compact");
  EXPECT_EQ(
      MakePerformanceGenerator("performance_with_dynamics", OneHeadModel(100, 388, {kShift10}))
          .status()
          .code(),
      absl::StatusCode::kInvalidArgument);
}

TEST(PerformanceGeneratorTest, FeedsClassesToCompactModels) {
  const auto model = OneHeadModel(1, 388, {kShift10});
  const auto generator = MakePerformanceGenerator("performance_with_dynamics", model).value();
  ASSERT_TRUE(Generate(*generator, MiddleC(), Section(0.25, 1)).ok());
  EXPECT_THAT(model->last_input(), ElementsAre(kShift10));
}

TEST(PerformanceGeneratorTest, FindsConfigsByIdAndInputSize) {
  std::vector<int> sizes;
  for (const PerformanceConfig& config : PerformanceConfigs()) {
    sizes.push_back(config.input_size());
    EXPECT_EQ(FindPerformanceConfig(config.id, config.input_size()), &config);
  }
  EXPECT_THAT(sizes, ElementsAre(356, 388, 1, 16, 315, 396, 400, 408, 409));
  EXPECT_EQ(FindPerformanceConfig("basic_rnn", 38), nullptr);
}

TEST(PerformanceGeneratorTest, MakesTheInputThatMagentasCommandMakes) {
  const auto generator = MakePerformanceGenerator("density_conditioned_performance_with_dynamics",
                                                  OneHeadModel(396, 388, {kShift10}))
                             .value();
  Arguments arguments(generator->arguments());
  GeneratorInput input = generator->MakeInput(arguments, {}).value();
  EXPECT_EQ(input.sequence.notes_size(), 0);
  EXPECT_EQ(input.options.generate_sections(0).start_time(), 0);
  EXPECT_EQ(input.options.generate_sections(0).end_time(), 30);
  EXPECT_TRUE(input.options.args().at(kFillGenerateSection).bool_value());
  EXPECT_EQ(input.options.args().count("notes_per_second"), 0);
  EXPECT_EQ(input.options.args().count("disable_conditioning"), 0);

  arguments.Set("primer_pitches", "[60, 64]");
  arguments.Set("notes_per_second", "[1, 2]");
  input = generator->MakeInput(arguments, {}).value();
  ASSERT_EQ(input.sequence.notes_size(), 2);
  EXPECT_EQ(input.sequence.notes(1).pitch(), 64);
  EXPECT_EQ(input.sequence.notes(1).end_time(), 0.5);
  EXPECT_EQ(input.options.generate_sections(0).start_time(), 0.5);
  EXPECT_EQ(input.options.args().at("notes_per_second").string_value(), "[1, 2]");

  arguments.Set("primer_pitches", "");
  arguments.Set("primer_melody", "[60, -2, 62]");
  EXPECT_EQ(generator->MakeInput(arguments, {}).value().sequence.total_time(), 0.375);
}

TEST(PerformanceGeneratorTest, NamesTheArgumentThatMakesNoSense) {
  const auto generator = MakePerformanceGenerator("density_conditioned_performance_with_dynamics",
                                                  OneHeadModel(396, 388, {kShift10}))
                             .value();
  const auto error = [&](const char* name, ArgumentValue value) {
    Arguments arguments(generator->arguments());
    arguments.Set(name, std::move(value));
    return std::string(generator->MakeInput(arguments, {}).status().message());
  };
  EXPECT_THAT(error("notes_per_second", "-1"), HasSubstr("notes_per_second is -1"));
  EXPECT_THAT(error("primer_pitches", "60"), StartsWith("primer_pitches: ValueError"));
  EXPECT_THAT(error("primer_melody", "[128]"), HasSubstr("Melody event out of range"));
  EXPECT_THAT(error("num_steps", 60001), HasSubstr("num_steps is 60001"));
  EXPECT_THAT(error("beam_size", 0), HasSubstr("beam_size is 0"));
}

TEST(PerformanceGeneratorTest, ScoresWithConstantControls) {
  // Middle C: VELOCITY 20, NOTE_ON, TIME_SHIFT 25, NOTE_OFF.
  const auto model = OneHeadModel(396, 388, {60, 256 + 24, 128 + 60});
  const auto generator =
      MakePerformanceGenerator("density_conditioned_performance_with_dynamics", model).value();
  Arguments arguments(generator->score_arguments());
  arguments.Set("sequence_bytes", MiddleC().SerializeAsString());
  arguments.Set("notes_per_second", "3");
  const SequenceScore score = generator->Score(arguments, {}).value();
  EXPECT_THAT(score.event_log_likelihoods, ElementsAre(0, 0, 0));
  EXPECT_EQ(model->last_input()[2], 1);
  arguments.Set("notes_per_second", "x");
  EXPECT_THAT(generator->Score(arguments, {}).status().message(), HasSubstr("notes_per_second"));
}

class NoteEncodingTest : public testing::Test {
 protected:
  // A note each 10 steps that lasts 50.
  NoteEncodingTest()
      : generator_(
            MakePerformanceGenerator("performance_with_dynamics_and_note_encoding",
                                     std::make_shared<CyclicStepModel>(
                                         315, std::vector<int>{13, 77, 128, 32, 25, 40},
                                         std::vector<std::vector<int>>{{0, 10, 72, 9, 1, 9}}))
                .value()) {}

  const std::unique_ptr<Generator> generator_;
};

TEST_F(NoteEncodingTest, EndsNotesWithTheSectionIfItFillsIt) {
  const NoteSequence sequence =
      Generate(*generator_, MiddleC(), Section(0.25, 2.25, true)).value().sequence;
  ASSERT_GT(sequence.notes_size(), 10);
  EXPECT_EQ(sequence.notes(0).pitch(), 60);
  EXPECT_EQ(sequence.notes(1).pitch(), 72);
  EXPECT_EQ(sequence.notes(1).start_time(), 0.1);
  EXPECT_EQ(sequence.notes(1).end_time(), 0.6);
  EXPECT_EQ(sequence.notes(1).velocity(), 1 + 9 * 4);
  EXPECT_LE(sequence.total_time(), 2.25 + 1e-9);
}

TEST_F(NoteEncodingTest, FailsAsMagentaOtherwise) {
  EXPECT_THAT(Generate(*generator_, MiddleC(), Section(0.25, 2.25)).status().message(),
              StartsWith("IndexError"));
  EXPECT_THAT(Generate(*generator_, NoteSequence(), Section(0.25, 2.25)).status().message(),
              StartsWith("TypeError"));
  EXPECT_EQ(Generate(*generator_, NoteSequence(), Section(0, 1)).value().sequence.notes_size(), 0);
}

TEST_F(NoteEncodingTest, BeginsWithMiddleC) {
  const GeneratorInput input =
      generator_->MakeInput(Arguments(generator_->arguments()), {}).value();
  ASSERT_EQ(input.sequence.notes_size(), 1);
  EXPECT_EQ(input.sequence.notes(0).pitch(), 60);
}

TEST_F(NoteEncodingTest, ScoresAllNumbersOfANote) {
  NoteSequence sequence = MiddleC();
  auto* note = sequence.add_notes();
  note->set_pitch(72);
  note->set_velocity(37);
  note->set_start_time(0.1);
  note->set_end_time(0.6);
  Arguments arguments(generator_->score_arguments());
  arguments.Set("sequence_bytes", sequence.SerializeAsString());
  EXPECT_THAT(generator_->Score(arguments, {}).value().event_log_likelihoods, ElementsAre(0));
  note->set_program(5);
  arguments.Set("sequence_bytes", sequence.SerializeAsString());
  EXPECT_EQ(generator_->Score(arguments, {}).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace magenta_serving
