#include "servable/music/chord_renderer.h"

#include <string>
#include <vector>

#include "servable/base/status.h"
#include "servable/music/chord_symbol.h"
#include "servable/music/python_semantics.h"

namespace magenta_serving {
namespace {

constexpr int kInstrument = 1;
constexpr int kProgram = 88;
constexpr int kLowestChordPitch = 4 * kNotesPerOctave;
constexpr int kLowestBassPitch = 3 * kNotesPerOctave;

absl::Status RenderChord(const std::string& figure, double start_time, double end_time,
                         int velocity, NoteSequence& sequence) {
  if (figure == kNoChord) return absl::OkStatus();
  const absl::StatusOr<ChordSymbol> symbol = ChordSymbol::Parse(figure);
  MS_RETURN_IF_ERROR(symbol.status());
  std::vector<int> pitches;
  MS_ASSIGN_OR_RETURN(pitches, symbol->Pitches());
  for (int& pitch : pitches) pitch += kLowestChordPitch;
  pitches.push_back(kLowestBassPitch + symbol->bass());
  for (int pitch : pitches) {
    NoteSequence::Note* note = sequence.add_notes();
    note->set_start_time(start_time);
    note->set_end_time(end_time);
    note->set_pitch(pitch);
    note->set_velocity(velocity);
    note->set_instrument(kInstrument);
    note->set_program(kProgram);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RenderChords(int velocity, NoteSequence& sequence) {
  std::vector<double> times;
  for (const auto& annotation : sequence.text_annotations()) times.push_back(annotation.time());

  double time = 0;
  std::string figure = kNoChord;
  for (int index : PythonSortedOrder(times)) {
    const NoteSequence::TextAnnotation& annotation = sequence.text_annotations(index);
    if (annotation.time() >= sequence.total_time()) break;
    if (annotation.annotation_type() != NoteSequence::TextAnnotation::CHORD_SYMBOL) continue;
    MS_RETURN_IF_ERROR(RenderChord(figure, time, annotation.time(), velocity, sequence));
    time = annotation.time();
    figure = annotation.text();
  }
  if (!(time < sequence.total_time())) return absl::OkStatus();
  return RenderChord(figure, time, sequence.total_time(), velocity, sequence);
}

}  // namespace magenta_serving
