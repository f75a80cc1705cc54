// Pitch-class and major-key counts of melody events, as Melody.get_note_histogram and
// get_major_key_histogram of note_seq/melodies_lib.py.
#ifndef MAGENTA_SERVING_MUSIC_KEY_HISTOGRAM_H_
#define MAGENTA_SERVING_MUSIC_KEY_HISTOGRAM_H_

#include <array>
#include <cstdint>

#include "absl/types/span.h"
#include "servable/music/note_sequence.h"

namespace magenta_serving {

// One count for each pitch class or major key, C at index 0 to B at index 11.
using Histogram = std::array<int64_t, kNotesPerOctave>;

// How often each pitch class starts in `events`; special (negative) events do not count.
Histogram NoteHistogram(absl::Span<const int> events);

// For each major key, how many of the notes counted in `note_histogram` it contains.
Histogram MajorKeyHistogram(const Histogram& note_histogram);

// The major key that contains most notes of `events`, the lowest index where several do; 0 without
// notes.
int MajorKey(absl::Span<const int> events);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_KEY_HISTOGRAM_H_
