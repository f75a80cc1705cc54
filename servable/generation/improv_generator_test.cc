#include "servable/generation/improv_generator.h"

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/generation/test_util/requests.h"
#include "servable/generation/test_util/scripted_step_model.h"
#include "servable/music/melody.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kMelodyClasses = 38;
constexpr int kTriadClasses = 49;

// The class that follows is likely that of the melody's event plus that of the chord over what
// follows: 1 for C, 2 for C#, ...
std::unique_ptr<Generator> BasicImprov() {
  return MakeImprovGenerator("basic_improv", std::make_shared<ScriptedStepModel>(
                                                 kMelodyClasses, 1, kTriadClasses))
      .value();
}

void AddChord(double time, const std::string& text, NoteSequence* sequence) {
  auto* annotation = sequence->add_text_annotations();
  annotation->set_time(time);
  annotation->set_text(text);
  annotation->set_annotation_type(NoteSequence::TextAnnotation::CHORD_SYMBOL);
}

// A note for an eighth (two steps at 120 quarters per minute) under C, then G until second 2.
NoteSequence LeadSheet(double note_start = 0) {
  NoteSequence sequence = Chord({60}, note_start + 0.25);
  sequence.clear_tempos();
  sequence.mutable_notes(0)->set_start_time(note_start);
  sequence.set_total_time(note_start + 2);
  AddChord(0, "C", &sequence);
  AddChord(1, "G", &sequence);
  return sequence;
}

absl::StatusOr<Generation> Generate(const NoteSequence& input, const GeneratorOptions& options,
                                    const CallContext& context = {}) {
  return Generate(*BasicImprov(), input, options, context);
}

std::vector<std::pair<double, std::string>> ChordsOf(const NoteSequence& sequence) {
  std::vector<std::pair<double, std::string>> chords;
  for (const auto& annotation : sequence.text_annotations()) {
    EXPECT_EQ(annotation.annotation_type(), NoteSequence::TextAnnotation::CHORD_SYMBOL);
    chords.emplace_back(annotation.time(), annotation.text());
  }
  return chords;
}

std::string ErrorOf(const absl::Status& status) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(ImprovGeneratorTest, ContinuesTheMelodyOverItsChords) {
  const Generation generation = Generate(LeadSheet(), Section(0.375, 2)).value();
  const NoteSequence& sequence = generation.sequence;
  ASSERT_GE(sequence.notes_size(), 2);
  EXPECT_EQ(sequence.notes(0).pitch(), 60);
  EXPECT_EQ(sequence.notes(0).end_time(), 0.25);
  EXPECT_LE(sequence.total_time(), 2);
  EXPECT_THAT(ChordsOf(sequence), ElementsAre(std::pair(0.0, "C"), std::pair(1.0, "G")));
  EXPECT_LT(generation.log_likelihood, 0);
}

TEST(ImprovGeneratorTest, RefusesWhatMagentaRefuses) {
  const auto error = [](const NoteSequence& input, const GeneratorOptions& options) {
    return ErrorOf(Generate(input, options).status());
  };
  EXPECT_THAT(error(LeadSheet(), Section(0.25, 2)),
              HasSubstr("before or equal to the end of the input section. This model can only "
                        "extend melodies. Requested start time: 0.25, Final note end time: 0.25"));
  EXPECT_THAT(error(LeadSheet(), Section(0.375, 2.5)), HasSubstr("AssertionError"));
  GeneratorOptions options = Section(0.375, 2);
  options.add_input_sections()->set_end_time(0.3);
  EXPECT_THAT(error(LeadSheet(), options), HasSubstr("AssertionError"));
  EXPECT_THAT(error(LeadSheet(2.5), Section(2.875, 4.5)), HasSubstr("AssertionError"));

  NoteSequence input = LeadSheet();
  AddChord(1.01, "F", &input);
  EXPECT_EQ(error(input, Section(0.375, 2)),
            "CoincidentChordsError: chords G and F are coincident");
  input = LeadSheet();
  AddChord(1.5, "Gsus", &input);
  EXPECT_EQ(error(input, Section(0.375, 2)),
            "ChordEncodingError: chord is not a standard triad: Gsus");
  input = LeadSheet();
  AddChord(1.5, "H", &input);
  EXPECT_EQ(error(input, Section(0.375, 2)),
            "ChordSymbolError: Unable to parse chord symbol: H");
  options = Section(0.375, 2);
  (*options.mutable_args())["steps_per_iteration"].set_int_value(-1);
  EXPECT_EQ(error(LeadSheet(), options), "MelodyChordsMismatchError: ");
}

TEST(ImprovGeneratorTest, NeverEncodesTheFirstStepsChord) {
  NoteSequence input = LeadSheet();
  input.mutable_text_annotations(0)->set_text("Csus");
  AddChord(0.125, "C", &input);
  EXPECT_THAT(ChordsOf(Generate(input, Section(0.375, 2))->sequence),
              ElementsAre(std::pair(0.0, "Csus"), std::pair(0.125, "C"), std::pair(1.0, "G")));
}

TEST(ImprovGeneratorTest, AlignsChordsWhereItIsAsked) {
  GeneratorOptions options = Section(2.875, 4.5);
  (*options.mutable_args())["align_chords"].set_bool_value(true);
  NoteSequence input = LeadSheet(2.5);
  AddChord(3.5, "F", &input);
  const NoteSequence sequence = Generate(input, options)->sequence;
  EXPECT_EQ(sequence.notes(0).start_time(), 2.5);
  EXPECT_THAT(ChordsOf(sequence), ElementsAre(std::pair(2.0, "G"), std::pair(3.5, "F")));
  (*options.mutable_args())["align_chords"].set_bool_value(false);
  EXPECT_THAT(ErrorOf(Generate(input, options).status()), HasSubstr("AssertionError"));
}

TEST(ImprovGeneratorTest, HoldsTheLimits) {
  CallContext context;
  context.limits.max_steps = 15;
  EXPECT_THAT(ErrorOf(Generate(LeadSheet(), Section(0.375, 2), context).status()),
              HasSubstr("max_steps is 15"));
  NoteSequence input = LeadSheet();
  input.set_total_time(1e17);
  EXPECT_THAT(ErrorOf(Generate(input, Section(0.375, 1e17)).status()),
              HasSubstr("max_steps is 4096"));
}

TEST(ImprovGeneratorTest, MakesTheInputThatMagentasCommandMakes) {
  const auto generator = BasicImprov();
  Arguments arguments(generator->arguments());
  GeneratorInput input = generator->MakeInput(arguments, {}).value();
  ASSERT_EQ(input.sequence.notes_size(), 1);
  EXPECT_EQ(input.options.generate_sections(0).start_time(), 0.25);
  EXPECT_EQ(input.options.generate_sections(0).end_time(), 16);
  EXPECT_EQ(input.sequence.total_time(), 16);
  ASSERT_EQ(input.sequence.text_annotations_size(), 8);
  EXPECT_EQ(input.sequence.text_annotations(3).time(), 6);
  EXPECT_EQ(input.sequence.text_annotations(3).text(), "F");

  // Chords of a primer give way, words stay.
  NoteSequence primer = LeadSheet();
  primer.add_text_annotations()->set_text("la");
  arguments.Set("primer_sequence_bytes", primer.SerializeAsString());
  arguments.Set("backing_chords", "  N.C. Am\tAm\n");
  arguments.Set("steps_per_chord", 4);
  arguments.Set("qpm", 60.0f);
  input = generator->MakeInput(arguments, {}).value();
  ASSERT_EQ(input.sequence.text_annotations_size(), 2);
  EXPECT_EQ(input.sequence.text_annotations(0).text(), "la");
  EXPECT_EQ(input.sequence.text_annotations(1).text(), "Am");
  EXPECT_EQ(input.sequence.text_annotations(1).time(), 1);
  EXPECT_EQ(input.sequence.total_time(), 3);
}

TEST(ImprovGeneratorTest, GeneratesAtTemposWhereMagentasCommandFallsShort) {
  const auto generator = BasicImprov();
  Arguments arguments(generator->arguments());
  arguments.Set("backing_chords", "C G");
  for (const float qpm : {87.3f, 100.0f, 61.0f, 133.3f, 299.9f}) {
    arguments.Set("qpm", qpm);
    for (int steps_per_chord = 2; steps_per_chord < 40; ++steps_per_chord) {
      arguments.Set("steps_per_chord", steps_per_chord);
      const GeneratorInput input = generator->MakeInput(arguments, {}).value();
      NumpyRandom random(1);
      const auto generation = generator->Generate(input.sequence, input.options, &random, {});
      ASSERT_TRUE(generation.ok()) << generation.status() << qpm << " " << steps_per_chord;
      EXPECT_EQ(ChordsOf(generation->sequence).size(), 2);
    }
  }
}

TEST(ImprovGeneratorTest, RendersChordsOnRequest) {
  const auto generator = BasicImprov();
  Arguments arguments(generator->arguments());
  NoteSequence sequence = LeadSheet();
  ASSERT_TRUE(generator->Finish(arguments, &sequence).ok());
  EXPECT_EQ(sequence.notes_size(), 1);
  arguments.Set("render_chords", true);
  ASSERT_TRUE(generator->Finish(arguments, &sequence).ok());
  ASSERT_EQ(sequence.notes_size(), 9);
  EXPECT_EQ(sequence.notes(8).velocity(), 50);
}

TEST(ImprovGeneratorTest, NamesTheArgumentThatMakesNoSense) {
  const auto generator = BasicImprov();
  const auto error = [&](const char* name, ArgumentValue value) {
    Arguments arguments(generator->arguments());
    arguments.Set(name, std::move(value));
    return ErrorOf(generator->MakeInput(arguments, {}).status());
  };
  EXPECT_THAT(error("backing_chords", ""), HasSubstr("backing_chords has 0 chords"));
  EXPECT_THAT(error("steps_per_chord", 0), HasSubstr("chords of 0 steps (steps_per_chord)"));
  EXPECT_THAT(error("steps_per_chord", 1 << 30), HasSubstr("from 1 to 4096"));
  EXPECT_THAT(error("backing_chords", std::string(5000, 'C')), HasSubstr("5000 bytes"));
  EXPECT_THAT(error("primer_melody", "60"), HasSubstr("primer_melody"));
  EXPECT_THAT(error("beam_size", 0), HasSubstr("beam_size is 0"));
}

TEST(ImprovGeneratorTest, ScoresAMelodyGivenItsChords) {
  const auto generator = BasicImprov();
  Arguments arguments(generator->score_arguments());
  // From pitch 60 (class 14), C (class 1) leads to 61, G (class 8) to 69.
  arguments.Set("melody", "[60, 61, 69]");
  arguments.Set("backing_chords", "F C G");
  arguments.Set("steps_per_chord", 1);
  const SequenceScore score = generator->Score(arguments, {}).value();
  ASSERT_EQ(score.event_log_likelihoods.size(), 2);
  EXPECT_NEAR(score.log_likelihood, 2 * std::log(0.75), 1e-6);

  arguments.Set("backing_chords", "F C");
  EXPECT_EQ(ErrorOf(generator->Score(arguments, {}).status()),
            "EventSequenceRnnModelError: control sequence must be at least as long as the event "
            "sequences");
  arguments.Set("backing_chords", "");
  EXPECT_THAT(ErrorOf(generator->Score(arguments, {}).status()), HasSubstr("give backing_chords"));

  // A melody in the second bar has the chords that are there.
  NoteSequence sequence = Melody::Create({60, 60}, 16)->ToSequence().value();
  AddChord(1, "G", &sequence);
  arguments.Set("melody", "");
  arguments.Set("sequence_bytes", sequence.SerializeAsString());
  EXPECT_NEAR(generator->Score(arguments, {})->log_likelihood, std::log(0.25), 1e-6);
  arguments.Set("backing_chords", "C N.C. G");
  arguments.Set("steps_per_chord", 8);
  EXPECT_NEAR(generator->Score(arguments, {})->log_likelihood, std::log(0.25), 1e-6);
  arguments.Set("backing_chords", "C G N.C.");
  EXPECT_EQ(generator->Score(arguments, {})->log_likelihood, 0);
}

TEST(ImprovGeneratorTest, KnowsItsConfigs) {
  std::vector<std::pair<int, int>> sizes;
  for (const ImprovConfig& config : ImprovConfigs()) {
    const auto encoder = config.make_encoder_decoder(config.min_note, config.max_note);
    sizes.emplace_back(encoder->input_size(), encoder->num_classes());
  }
  EXPECT_THAT(sizes, ElementsAre(std::pair(87, 38), std::pair(123, 40), std::pair(75, 38)));
  EXPECT_THAT(ErrorOf(MakeImprovGenerator("chord_pitches_improv",
                                          std::make_shared<ScriptedStepModel>(
                                              kMelodyClasses, 1, kTriadClasses))
                          .status()),
              HasSubstr("takes inputs of 87"));
}

}  // namespace
}  // namespace magenta_serving
