// Short ways to write NoteSequences in tests.
#ifndef MAGENTA_SERVING_MUSIC_TEST_UTIL_NOTE_SEQUENCES_H_
#define MAGENTA_SERVING_MUSIC_TEST_UTIL_NOTE_SEQUENCES_H_

#include <vector>

#include "servable/music/note_sequence.h"

namespace magenta_serving {

// Times in seconds, or in steps where a function says so.
struct TestNote {
  double start = 0;
  double end = 0;
  int pitch = 60;
  int velocity = 100;
  int instrument = 0;
  bool is_drum = false;
};

inline NoteSequence SequenceOf(const std::vector<TestNote>& notes, double seconds_per_unit = 1) {
  NoteSequence sequence;
  for (const TestNote& note : notes) {
    NoteSequence::Note* added = sequence.add_notes();
    added->set_start_time(note.start * seconds_per_unit);
    added->set_end_time(note.end * seconds_per_unit);
    added->set_pitch(note.pitch);
    added->set_velocity(note.velocity);
    added->set_instrument(note.instrument);
    added->set_is_drum(note.is_drum);
    if (added->end_time() > sequence.total_time()) sequence.set_total_time(added->end_time());
  }
  return sequence;
}

// Notes given in sixteenths at 120 qpm.
inline NoteSequence SequenceOfSteps(const std::vector<TestNote>& notes) {
  return SequenceOf(notes, 0.125);
}

inline void AddTimeSignature(int numerator, int denominator, double time, NoteSequence& sequence) {
  NoteSequence::TimeSignature* signature = sequence.add_time_signatures();
  signature->set_numerator(numerator);
  signature->set_denominator(denominator);
  signature->set_time(time);
}

inline void AddTempo(double qpm, double time, NoteSequence& sequence) {
  NoteSequence::Tempo* tempo = sequence.add_tempos();
  tempo->set_qpm(qpm);
  tempo->set_time(time);
}

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_TEST_UTIL_NOTE_SEQUENCES_H_
