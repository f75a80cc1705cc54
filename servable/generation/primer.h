// What the arguments of a family's *_generate command say about primer, tempo and length, and the
// sequence that `score` is asked about.
#ifndef MAGENTA_SERVING_GENERATION_PRIMER_H_
#define MAGENTA_SERVING_GENERATION_PRIMER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "servable/generation/arguments.h"
#include "servable/generation/call_context.h"
#include "servable/generation/generator.h"
#include "servable/generation/generator_options.h"
#include "servable/music/melody.h"
#include "servable/music/note_sequence.h"

namespace magenta_serving {

// A list or tuple of integers in Python's syntax: "[60, -2, 62]". ValueError naming the place where
// it is not one.
absl::StatusOr<std::vector<int>> ParseIntegerList(absl::string_view text);

// A list or tuple of such lists: "[(36, 42), (), (42,)]".
absl::StatusOr<std::vector<std::vector<int>>> ParseListOfIntegerLists(absl::string_view text);

// A list of melody events, as primer_melody; `name` is the argument that held it. ValueError when it
// is not one.
absl::StatusOr<Melody> ParseMelody(absl::string_view name, absl::string_view text);

// A list of pitches, as primer_pitches, that sound together from 0 to `seconds` at velocity 100: a
// sequence without a tempo. ValueError when it is not one, or empty.
absl::StatusOr<NoteSequence> ParseChord(absl::string_view name, absl::string_view text,
                                        double seconds);

// Parses a serialized NoteSequence; `name` is the input that held it. INVALID_ARGUMENT when it is
// not one, or of messages that are nearly all empty.
absl::StatusOr<NoteSequence> ParseNoteSequence(absl::string_view name,
                                               absl::string_view serialized);

// The name of the one argument among `names` (all strings) that is not empty; "" when all are.
// INVALID_ARGUMENT when several are given.
absl::StatusOr<std::string> OnlyOneGiven(const Arguments& arguments,
                                         const std::vector<std::string>& names);

// `own` with what all commands take before and after it: primer_sequence_bytes, primer_midi_bytes;
// qpm, unless steps are no part of a quarter (nullopt), and `sampling`. `own` are the family's own
// primer flags and num_steps, or what gives the length instead.
std::vector<ArgumentSpec> CommandArguments(
    const std::vector<ArgumentSpec>& own,
    std::optional<double> default_qpm = kDefaultQuartersPerMinute,
    const std::vector<ArgumentSpec>& sampling = GenerateEventsArguments());

// num_steps where steps are parts of a quarter: `step` says which.
ArgumentSpec NumStepsArgument(const std::string& step = "16th notes");

// One of a family's own primer flags: a string argument, "" when it is not given.
struct PrimerFlag {
  std::string name;
  // The sequence for the flag's value.
  std::function<absl::StatusOr<NoteSequence>(const std::string& value)> parse;
};

// primer_pitches: a chord that lasts a quarter in the tempo `qpm`.
PrimerFlag PrimerPitchesFlag(double qpm);

// The primer without notes of commands whose tempo is `qpm`.
NoteSequence SilentPrimer(double qpm);

// `qpm`, or `default_qpm` where that is 0. INVALID_ARGUMENT when it is no tempo.
absl::StatusOr<double> ReadQpm(const Arguments& arguments,
                               double default_qpm = kDefaultQuartersPerMinute);

// `num_steps`. INVALID_ARGUMENT unless it is from 1 to the bound.
absl::StatusOr<int32_t> ReadNumSteps(const Arguments& arguments, const Bound& bound);

// The primer that is given: primer_sequence_bytes (which gets the tempo `qpm` if it has none),
// primer_midi_bytes or one of `flags`; `default_primer` without any. INVALID_ARGUMENT when several
// are given or one is not what it must be.
absl::StatusOr<NoteSequence> ReadPrimer(
    const Arguments& arguments, double qpm, const std::vector<PrimerFlag>& flags,
    const std::function<absl::StatusOr<NoteSequence>()>& default_primer);

// The primer's own tempo, or `qpm` where it has none.
double PrimerQpm(const NoteSequence& primer, double qpm);

// Where a command begins to generate.
enum class SectionStart {
  kStepAfterLastNote,  // melody, drums, improv
  kEndOfPrimer,        // polyphony, performance, pianoroll: its total_time
};

// Makes the section to generate after the primer, input->sequence, until `num_steps` steps of
// `seconds_per_step`. INVALID_ARGUMENT when nothing is left between.
absl::Status AddGenerateSection(SectionStart start, int32_t num_steps, double seconds_per_step,
                                GeneratorInput* input);

// The inputs of `score`: sequence_bytes, midi_bytes and the family's `own`. `thing` is what is
// scored: "melody".
std::vector<ArgumentSpec> ScoreArguments(const std::string& thing,
                                         const std::vector<ArgumentSpec>& own);

// The name of the one among them that is given; `own` are the names of the family's own ways to
// give a sequence. INVALID_ARGUMENT when none is or several are.
absl::StatusOr<std::string> ScoredArgument(const Arguments& arguments,
                                           const std::vector<std::string>& own);

// The NoteSequence in the argument `name`: a Standard MIDI File if that ends in midi_bytes, else a
// serialized NoteSequence. INVALID_ARGUMENT with the name when it is not one.
absl::StatusOr<NoteSequence> ReadSequence(const Arguments& arguments, const std::string& name);

// The same, quantized to parts of a quarter.
absl::StatusOr<NoteSequence> ReadQuantizedSequence(const Arguments& arguments,
                                                   const std::string& name, int steps_per_quarter);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_PRIMER_H_
