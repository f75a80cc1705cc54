#include "servable/generation/primer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "servable/base/python_format.h"
#include "servable/base/status.h"
#include "servable/checkpoint/fields.h"
#include "servable/generation/sections.h"
#include "servable/music/midi_reader.h"
#include "servable/music/quantize.h"

namespace magenta_serving {
namespace {

constexpr char kPrimerPitches[] = "primer_pitches";

// Python refuses 060, so that nobody takes it for an octal number.
bool HasLeadingZero(absl::string_view number) {
  return number.substr(number.find_first_not_of("+-"), 1) == "0";
}

// What stands between the brackets of a list or of a tuple.
struct Brackets {
  absl::string_view body;
  bool tuple = false;
};

// `example` is what is expected.
absl::StatusOr<Brackets> FindBrackets(absl::string_view text, absl::string_view example) {
  const absl::string_view stripped = absl::StripAsciiWhitespace(text);
  const bool list = stripped.size() >= 2 && stripped.front() == '[' && stripped.back() == ']';
  const bool tuple = stripped.size() >= 2 && stripped.front() == '(' && stripped.back() == ')';
  if (!list && !tuple) {
    return MagentaError("ValueError", absl::StrCat("expected a list such as \"", example,
                                                   "\", got \"", text.substr(0, 80), "\""));
  }
  return Brackets{absl::StripAsciiWhitespace(stripped.substr(1, stripped.size() - 2)), tuple};
}

}  // namespace

absl::StatusOr<std::vector<int>> ParseIntegerList(absl::string_view text) {
  MS_ASSIGN_OR_RETURN(const Brackets brackets, FindBrackets(text, "[60, -2, 62]"));
  absl::string_view body = brackets.body;
  std::vector<int> values;
  if (body.empty()) return values;
  if (brackets.tuple && !absl::StrContains(body, ',')) {
    return MagentaError("ValueError", "a tuple of one needs a comma: \"(60,)\"");
  }
  if (body.back() == ',') body.remove_suffix(1);
  for (const absl::string_view item : absl::StrSplit(body, ',')) {
    const absl::string_view digits = absl::StripAsciiWhitespace(item);
    int value;
    if (!absl::SimpleAtoi(digits, &value) || (value != 0 && HasLeadingZero(digits))) {
      return MagentaError("ValueError", absl::StrCat("item ", values.size(), " of the list, \"",
                                                     item.substr(0, 40), "\", is not an integer"));
    }
    values.push_back(value);
  }
  return values;
}

absl::StatusOr<Melody> ParseMelody(absl::string_view name, absl::string_view text) {
  absl::StatusOr<std::vector<int>> events = ParseIntegerList(text);
  if (!events.ok()) return Annotate(events.status(), name);
  return Melody::Create(*std::move(events));
}

absl::StatusOr<NoteSequence> ParseChord(absl::string_view name, absl::string_view text,
                                        double seconds) {
  absl::StatusOr<std::vector<int>> pitches = ParseIntegerList(text);
  if (!pitches.ok()) return Annotate(pitches.status(), name);
  if (pitches->empty())
    return MagentaError("ValueError", absl::StrCat(name, " needs at least one pitch"));
  NoteSequence chord;
  chord.set_ticks_per_quarter(kStandardPpq);
  for (const int pitch : *pitches) {
    NoteSequence::Note* note = chord.add_notes();
    note->set_end_time(seconds);
    note->set_pitch(pitch);
    note->set_velocity(100);
  }
  chord.set_total_time(seconds);
  return chord;
}

absl::StatusOr<std::vector<std::vector<int>>> ParseListOfIntegerLists(absl::string_view text) {
  MS_ASSIGN_OR_RETURN(const Brackets brackets, FindBrackets(text, "[(36, 42), (), (42,)]"));
  absl::string_view rest = brackets.body;
  std::vector<std::vector<int>> lists;
  bool comma = true;
  while (!rest.empty()) {
    if (!comma) {
      return MagentaError("ValueError",
                          absl::StrCat("item ", lists.size() - 1, " of the list is followed by \"",
                                       rest.substr(0, 40), "\""));
    }
    const size_t end = std::min(rest.find_first_of(")]"), rest.size() - 1);
    absl::StatusOr<std::vector<int>> list = ParseIntegerList(rest.substr(0, end + 1));
    if (!list.ok()) {
      return Annotate(list.status(), absl::StrCat("item ", lists.size(), " of the list"));
    }
    lists.push_back(*std::move(list));
    rest = absl::StripLeadingAsciiWhitespace(rest.substr(end + 1));
    comma = absl::ConsumePrefix(&rest, ",");
    rest = absl::StripLeadingAsciiWhitespace(rest);
  }
  if (brackets.tuple && lists.size() == 1 && !comma) {
    return MagentaError("ValueError", "a tuple of one needs a comma: \"((36,),)\"");
  }
  return lists;
}

absl::StatusOr<NoteSequence> ParseNoteSequence(absl::string_view name,
                                               absl::string_view serialized) {
  // A note takes a hundred bytes, though an empty one is serialized to two. With pitch and times it
  // has over twenty, a control change nearly as many.
  constexpr int64_t kMaxShort = 1 << 14;
  constexpr int64_t kUsualBytes = 12;
  const int64_t num_parts = CountParts(serialized);
  if (num_parts > kMaxShort + static_cast<int64_t>(serialized.size()) / kUsualBytes) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": a NoteSequence of ", num_parts,
                                                   " parts in ", serialized.size(), " bytes"));
  }
  NoteSequence sequence;
  if (!sequence.ParseFromArray(serialized.data(), static_cast<int>(serialized.size()))) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, ": ", serialized.size(), " bytes that are not a serialized NoteSequence"));
  }
  return sequence;
}

absl::StatusOr<std::string> OnlyOneGiven(const Arguments& arguments,
                                         const std::vector<std::string>& names) {
  std::string given;
  for (const std::string& name : names) {
    if (arguments.Get<std::string>(name).empty()) continue;
    if (!given.empty())
      return absl::InvalidArgumentError(
          absl::StrCat("give either ", given, " or ", name, ", not both"));
    given = name;
  }
  return given;
}

std::vector<ArgumentSpec> CommandArguments(const std::vector<ArgumentSpec>& own,
                                           std::optional<double> default_qpm,
                                           const std::vector<ArgumentSpec>& sampling) {
  std::vector<ArgumentSpec> specs = {
      {"primer_sequence_bytes", "", "Primer: a serialized NoteSequence."},
      {"primer_midi_bytes", "", "Primer: a Standard MIDI File."},
  };
  specs.insert(specs.end(), own.begin(), own.end());
  if (default_qpm.has_value()) {
    specs.push_back({"qpm", 0.0f,
                     absl::StrCat("Quarters per minute, where the primer does not carry a tempo; 0 "
                                  "means ",
                                  *default_qpm, ".")});
  }
  specs.insert(specs.end(), sampling.begin(), sampling.end());
  return specs;
}

ArgumentSpec NumStepsArgument(const std::string& step) {
  return {"num_steps", 128,
          absl::StrCat("Length in steps (", step, ") of each output, primer included.")};
}

PrimerFlag PrimerPitchesFlag(double qpm) {
  return {kPrimerPitches, [qpm](const std::string& value) -> absl::StatusOr<NoteSequence> {
            MS_ASSIGN_OR_RETURN(NoteSequence chord, ParseChord(kPrimerPitches, value, 60.0 / qpm));
            chord.add_tempos()->set_qpm(qpm);
            return chord;
          }};
}

NoteSequence SilentPrimer(double qpm) {
  NoteSequence sequence;
  sequence.add_tempos()->set_qpm(qpm);
  sequence.set_ticks_per_quarter(kStandardPpq);
  return sequence;
}

absl::StatusOr<double> ReadQpm(const Arguments& arguments, double default_qpm) {
  const float qpm = arguments.Get<float>("qpm");
  if (!(qpm >= 0) || std::isinf(qpm)) {
    return absl::InvalidArgumentError(
        absl::StrCat("qpm is ", PyRepr(qpm), "; it must be a finite number, 0 or above"));
  }
  return qpm > 0 ? qpm : default_qpm;
}

absl::StatusOr<int32_t> ReadNumSteps(const Arguments& arguments, const Bound& bound) {
  const int32_t num_steps = arguments.Get<int32_t>("num_steps");
  if (num_steps >= 1 && num_steps <= bound.value) return num_steps;
  return absl::InvalidArgumentError(
      absl::StrCat("num_steps is ", num_steps, "; it must be from 1 to ", bound.value));
}

absl::StatusOr<NoteSequence> ReadPrimer(
    const Arguments& arguments, double qpm, const std::vector<PrimerFlag>& flags,
    const std::function<absl::StatusOr<NoteSequence>()>& default_primer) {
  std::vector<std::string> names = {"primer_sequence_bytes", "primer_midi_bytes"};
  for (const PrimerFlag& flag : flags) names.push_back(flag.name);
  MS_ASSIGN_OR_RETURN(const std::string given, OnlyOneGiven(arguments, names));
  if (given.empty()) return default_primer();
  for (const PrimerFlag& flag : flags) {
    if (flag.name == given) return flag.parse(arguments.Get<std::string>(given));
  }
  MS_ASSIGN_OR_RETURN(NoteSequence primer, ReadSequence(arguments, given));
  if (given == "primer_sequence_bytes" && primer.tempos().empty())
    primer.add_tempos()->set_qpm(qpm);
  return primer;
}

double PrimerQpm(const NoteSequence& primer, double qpm) {
  return primer.tempos().empty() || primer.tempos(0).qpm() == 0 ? qpm : primer.tempos(0).qpm();
}

absl::Status AddGenerateSection(SectionStart start, int32_t num_steps, double seconds_per_step,
                                GeneratorInput* input) {
  const bool after_note = start == SectionStart::kStepAfterLastNote;
  const double primer_end =
      after_note ? LastEndTime(input->sequence) : input->sequence.total_time();
  auto* section = input->options.add_generate_sections();
  section->set_start_time(after_note ? primer_end + seconds_per_step : primer_end);
  section->set_end_time(num_steps * seconds_per_step);
  if (section->start_time() < section->end_time()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "the primer leaves nothing to generate: it ends at ", PyRepr(primer_end),
      " s, and num_steps ", num_steps, " of ", PyRepr(seconds_per_step), " s end at ",
      PyRepr(section->end_time()), " s"));
}

std::vector<ArgumentSpec> ScoreArguments(const std::string& thing,
                                         const std::vector<ArgumentSpec>& own) {
  std::vector<ArgumentSpec> specs = {
      {"sequence_bytes", "",
       absl::StrCat("The ", thing, " to score: a serialized NoteSequence.")},
      {"midi_bytes", "", absl::StrCat("The ", thing, " to score: a Standard MIDI File.")},
  };
  specs.insert(specs.end(), own.begin(), own.end());
  return specs;
}

absl::StatusOr<std::string> ScoredArgument(const Arguments& arguments,
                                           const std::vector<std::string>& own) {
  std::vector<std::string> names = {"sequence_bytes", "midi_bytes"};
  names.insert(names.end(), own.begin(), own.end());
  MS_ASSIGN_OR_RETURN(std::string given, OnlyOneGiven(arguments, names));
  if (!given.empty()) return given;
  const std::string last = std::move(names.back());
  names.pop_back();
  return absl::InvalidArgumentError(
      absl::StrCat("give one of ", absl::StrJoin(names, ", "), " and ", last));
}

absl::StatusOr<NoteSequence> ReadSequence(const Arguments& arguments, const std::string& name) {
  const std::string& value = arguments.Get<std::string>(name);
  if (!absl::EndsWith(name, "midi_bytes")) return ParseNoteSequence(name, value);
  absl::StatusOr<NoteSequence> sequence = MidiToNoteSequence(value);
  if (!sequence.ok()) return Annotate(sequence.status(), name);
  return sequence;
}

absl::StatusOr<NoteSequence> ReadQuantizedSequence(const Arguments& arguments,
                                                   const std::string& name, int steps_per_quarter) {
  MS_ASSIGN_OR_RETURN(const NoteSequence sequence, ReadSequence(arguments, name));
  return QuantizeNoteSequence(sequence, steps_per_quarter);
}

}  // namespace magenta_serving
