#include "servable/encoding/key_melody_encoder_decoder.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "servable/base/status.h"
#include "servable/encoding/binary_counter.h"
#include "servable/music/key_histogram.h"
#include "servable/music/melody.h"

namespace magenta_serving {
namespace {

bool Repeats(absl::Span<const int> events, int position, int distance) {
  return position - distance >= 0 && events[position] == events[position - distance];
}

// Writes 1 for each key that contains as many of the notes as any.
void WriteBestKeys(const Histogram& note_histogram, absl::Span<float> keys) {
  const Histogram histogram = MajorKeyHistogram(note_histogram);
  const int64_t most = *std::max_element(histogram.begin(), histogram.end());
  for (int key = 0; key < kNotesPerOctave; ++key) {
    if (histogram[key] == most) keys[key] = 1.0f;
  }
}

}  // namespace

// What the events so far amount to. A NOTE_OFF before the first note is a NO_EVENT here.
class KeyMelodyEncoderDecoder::History {
 public:
  absl::Status Add(int event) {
    if (event < kMinMelodyEvent || event > kMaxMelodyEvent) {
      return MagentaError("ValueError", absl::StrCat("Melody event out of range: ", event));
    }
    ++size_;
    if (event >= kMinMidiPitch) {
      AddNote(event);
    } else if (event == kMelodyNoEvent || num_recent_ == 0) {
      is_attack_ = false;
    } else {
      // The attack is left as it is: a NOTE_OFF right after a note-on still shows one.
      current_note_.reset();
    }
    return absl::OkStatus();
  }

  int size() const { return size_; }
  std::optional<int> current_note() const { return current_note_; }
  bool is_attack() const { return is_attack_; }
  // 1 after a rise, -1 after a fall, 0 while no two different pitches have followed one another.
  float direction() const { return direction_; }
  const Histogram& note_histogram() const { return note_histogram_; }
  Histogram recent_note_histogram() const {
    return NoteHistogram(absl::MakeConstSpan(recent_).first(num_recent_));
  }

 private:
  void AddNote(int pitch) {
    is_attack_ = true;
    current_note_ = pitch;
    ++note_histogram_[pitch % kNotesPerOctave];
    const auto begin = recent_.begin();
    auto end = begin + num_recent_;
    if (num_recent_ > 0) {
      const int last = *(end - 1);
      if (pitch != last) direction_ = pitch > last ? 1.0f : -1.0f;
    }
    // The pitch moves to the end; a fourth different one drops the first.
    auto dropped = std::find(begin, end, pitch);
    if (dropped == end) {
      if (num_recent_ < static_cast<int>(recent_.size())) {
        recent_[num_recent_++] = pitch;
        return;
      }
      dropped = begin;
    }
    std::move(dropped + 1, end, dropped);
    *(end - 1) = pitch;
  }

  int size_ = 0;
  std::optional<int> current_note_;
  bool is_attack_ = false;
  float direction_ = 0.0f;
  Histogram note_histogram_{};
  std::array<int, 3> recent_{};  // the last different pitches, the latest at the end
  int num_recent_ = 0;
};

KeyMelodyEncoderDecoder::KeyMelodyEncoderDecoder(int min_note, int max_note,
                                                 std::vector<int> lookback_distances,
                                                 int binary_counter_bits)
    : min_note_(min_note),
      note_range_(max_note - min_note),
      lookback_distances_(std::move(lookback_distances)),
      binary_counter_bits_(binary_counter_bits) {}

int KeyMelodyEncoderDecoder::input_size() const {
  return note_range_ + 4 + num_lookbacks() + binary_counter_bits_ + 1 + 2 * kNotesPerOctave;
}

int KeyMelodyEncoderDecoder::num_classes() const { return note_range_ + 2 + num_lookbacks(); }

int KeyMelodyEncoderDecoder::default_event_label() const { return note_range_; }

absl::Status KeyMelodyEncoderDecoder::EventsToInput(absl::Span<const int> events, int position,
                                                    absl::Span<float> input) const {
  if (position != -1) MS_RETURN_IF_ERROR(CheckPosition(events, position));
  History history;
  for (int event : events.first(position + 1)) MS_RETURN_IF_ERROR(history.Add(event));
  return WriteInput(events, position, history, input);
}

absl::Status KeyMelodyEncoderDecoder::EventsToInputs(absl::Span<const int> events, int begin,
                                                     absl::Span<float> inputs) const {
  const size_t size = input_size();
  History history;
  for (int position = 0; position < static_cast<int>(events.size()); ++position) {
    MS_RETURN_IF_ERROR(history.Add(events[position]));
    if (position < begin) continue;
    MS_RETURN_IF_ERROR(WriteInput(events, position, history,
                                  inputs.subspan((position - begin) * size, size)));
  }
  return absl::OkStatus();
}

absl::Status KeyMelodyEncoderDecoder::WriteInput(absl::Span<const int> events, int position,
                                                 const History& history,
                                                 absl::Span<float> input) const {
  std::fill(input.begin(), input.end(), 0.0f);
  // Pitch 0 counts as silence.
  const int pitch = history.current_note().value_or(0);
  if (pitch != 0) {
    // A pitch outside the range sets whatever element Python's list indexing reaches.
    int index = pitch - min_note_;
    if (index < 0) index += input_size();
    if (index < 0 || index >= input_size()) {
      return MagentaError("IndexError", "list assignment index out of range");
    }
    input[index] = 1.0f;
    input[note_range_] = 1.0f;
  } else {
    input[note_range_ + 1] = 1.0f;
  }
  int offset = note_range_ + 2;
  if (history.is_attack()) input[offset] = 1.0f;
  ++offset;
  if (history.direction() != 0.0f) input[offset] = history.direction();
  ++offset;
  for (int distance : lookback_distances_) {
    if (Repeats(events, position, distance)) input[offset] = 1.0f;
    ++offset;
  }
  WriteBinaryCounter(history.size(), input.subspan(offset, binary_counter_bits_));
  offset += binary_counter_bits_;
  if (history.size() % kDefaultStepsPerBar == 0) input[offset] = 1.0f;
  ++offset;
  WriteBestKeys(history.note_histogram(), input.subspan(offset, kNotesPerOctave));
  offset += kNotesPerOctave;
  WriteBestKeys(history.recent_note_histogram(), input.subspan(offset, kNotesPerOctave));
  return absl::OkStatus();
}

absl::StatusOr<int> KeyMelodyEncoderDecoder::EventsToLabel(absl::Span<const int> events,
                                                           int position) const {
  MS_RETURN_IF_ERROR(CheckPosition(events, position));
  if (lookback_distances_.empty()) return MagentaError("IndexError", "list index out of range");
  const int event = events[position];
  // Before the last distance, NO_EVENT counts as a repeat of the silence before the beginning.
  if (position < lookback_distances_.back() && event == kMelodyNoEvent) {
    return note_range_ + num_lookbacks() + 1;
  }
  for (int i = num_lookbacks() - 1; i >= 0; --i) {
    if (Repeats(events, position, lookback_distances_[i])) return note_range_ + 2 + i;
  }
  if (event == kMelodyNoteOff) return note_range_ + 1;
  if (event == kMelodyNoEvent) return note_range_;
  return event - min_note_;
}

absl::StatusOr<int> KeyMelodyEncoderDecoder::ClassIndexToEvent(
    int class_index, absl::Span<const int> events) const {
  const int lookback = class_index - (note_range_ + 2);
  if (lookback >= 0 && lookback < num_lookbacks()) {
    const size_t distance = lookback_distances_[lookback];
    if (events.size() < distance) return kMelodyNoEvent;
    return events[events.size() - distance];
  }
  if (class_index == note_range_ + 1) return kMelodyNoteOff;
  if (class_index == note_range_) return kMelodyNoEvent;
  return min_note_ + class_index;
}

}  // namespace magenta_serving
