#include "servable/music/midi_writer.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "servable/base/status.h"
#include "servable/music/midi_file.h"
#include "servable/music/midi_programs.h"
#include "servable/music/midi_ticks.h"

namespace magenta_serving {
namespace {

constexpr int kDrumChannel = 9;
// All channels but the drums'.
constexpr int kNumMelodicChannels = 15;
constexpr int kMaxDataByte = 127;
constexpr int kMinPitchBend = -8192;
constexpr int kMaxPitchBend = 8191;
constexpr int kMaxMicrosecondsPerQuarter = 0xffffff;

absl::Status ConversionError(absl::string_view text) {
  return MagentaError("MIDIConversionError", text);
}

absl::Status CheckDataByte(absl::string_view what, int64_t value) {
  if (value >= 0 && value <= kMaxDataByte) return absl::OkStatus();
  return ConversionError(absl::StrCat(what, " ", value, " is not between 0 and 127"));
}

// A track's events before they are in order. Events of one tick are in order of their rank, then as
// they were added.
class UnsortedTrack {
 public:
  // The order of kinds of events at one tick.
  enum Kind : int {
    kName = 0,
    kTempo = 1,
    kTimeSignature = 2,
    kKeySignature = 3,
    kProgramChange = 6,
    kPitchBend = 7,
    kControlChange = 8,
    kNoteOn = 10,
  };

  void AddMeta(int64_t tick, Kind kind, uint8_t type, absl::string_view payload) {
    entries_.push_back({tick, Rank(kind, 0), unsorted_.events().size()});
    unsorted_.AddMeta(tick, type, payload);
  }

  // `detail` orders messages of one kind and tick.
  void AddMessage(int64_t tick, Kind kind, int detail, uint8_t status, int data0, int data1) {
    entries_.push_back({tick, Rank(kind, detail), unsorted_.events().size()});
    unsorted_.AddMessage(tick, status, static_cast<uint8_t>(data0), static_cast<uint8_t>(data1));
  }

  // The track with its end one tick after the last event.
  MidiTrack Sorted() {
    std::sort(entries_.begin(), entries_.end());
    MidiTrack sorted;
    for (const auto& [tick, rank, index] : entries_) {
      const MidiEvent& event = unsorted_.events()[index];
      if (event.status == kMidiMeta) {
        sorted.AddMeta(tick, event.meta_type, unsorted_.payload(event));
      } else {
        sorted.AddMessage(tick, event.status, event.data[0], event.data[1]);
      }
    }
    sorted.AddMeta(sorted.events().back().tick + 1, kMidiEndOfTrack, "");
    return sorted;
  }

 private:
  static int Rank(Kind kind, int detail) { return (kind << 16) + detail; }

  // Tick, rank, index into unsorted_.
  std::vector<std::tuple<int64_t, int, size_t>> entries_;
  MidiTrack unsorted_;
};

// The sharps (flats if negative) of pretty_midi's keys: C to B major, then C to B minor.
constexpr int kSharpsOfKey[] = {0,  -5, 2,  -3, 4, -1, 6, 1,  -4, 3, -2, 5,
                                -3, 4,  -1, 6,  1, -4, 3, -2, 5,  0, -5, 2};

absl::StatusOr<std::string> Utf8ToLatin1(absl::string_view utf8) {
  std::string latin1;
  for (size_t i = 0; i < utf8.size(); ++i) {
    uint8_t byte = static_cast<uint8_t>(utf8[i]);
    if (byte >= 0x80) {
      // Latin-1's characters from 0x80 on have the first byte 0xc2 or 0xc3 and one more.
      if ((byte != 0xc2 && byte != 0xc3) || i + 1 == utf8.size()) {
        return ConversionError("an instrument's name has characters outside Latin-1");
      }
      byte = static_cast<uint8_t>((byte << 6) | (utf8[++i] & 0x3f));
    }
    latin1.push_back(static_cast<char>(byte));
  }
  return latin1;
}

void AddTimeSignature(int64_t tick, int numerator, int exponent, UnsortedTrack* track) {
  // A click every quarter (24 MIDI clocks), 8 thirty-second notes in a quarter.
  const char payload[] = {static_cast<char>(numerator), static_cast<char>(exponent), 24, 8};
  track->AddMeta(tick, UnsortedTrack::kTimeSignature, kMidiTimeSignature,
                 absl::string_view(payload, sizeof(payload)));
}

// The tempo as a file holds it, truncated; nothing if it does not fit.
std::optional<int> MicrosecondsPerQuarter(double tick_scale, int ticks_per_quarter) {
  const double seconds_per_quarter = tick_scale * ticks_per_quarter;
  if (seconds_per_quarter == 0) return std::nullopt;
  const double qpm = 60.0 / seconds_per_quarter;
  if (qpm == 0) return std::nullopt;
  const double tempo = std::trunc(6e7 / qpm);
  if (!(tempo >= 0 && tempo <= kMaxMicrosecondsPerQuarter)) return std::nullopt;
  return static_cast<int>(tempo);
}

absl::StatusOr<int64_t> TimeToTick(const TickMap& ticks, double time) {
  const std::optional<int64_t> tick = ticks.TimeToTick(time);
  if (!tick || *tick < 0)
    return ConversionError(absl::StrCat("the time ", time, " s is out of range"));
  return *tick;
}

// The seconds per tick of a tempo. Tempos that a file cannot hold are errors.
absl::StatusOr<double> TickScale(double qpm, int ticks_per_quarter) {
  const double tick_scale = 60.0 / (qpm * ticks_per_quarter);
  if (std::isfinite(tick_scale) && MicrosecondsPerQuarter(tick_scale, ticks_per_quarter)) {
    return tick_scale;
  }
  return ConversionError(absl::StrCat("a tempo of ", qpm, " quarters per minute is out of range"));
}

struct Instrument {
  int program = 0;
  bool is_drum = false;
  std::string name;
  std::vector<const NoteSequence::Note*> notes;
  std::vector<const NoteSequence::PitchBend*> pitch_bends;
  std::vector<const NoteSequence::ControlChange*> control_changes;
};

// Event times up to which a sequence is written.
class Cutoff {
 public:
  Cutoff(const NoteSequence& sequence, std::optional<double> seconds_after_last_note) {
    if (!seconds_after_last_note) return;
    double last_end = sequence.notes().empty() ? 0 : sequence.notes(0).end_time();
    for (const auto& note : sequence.notes()) {
      if (note.end_time() > last_end) last_end = note.end_time();
    }
    max_time_ = last_end + *seconds_after_last_note;
  }

  // A latest time of 0 stands for none.
  bool Drops(double time) const { return max_time_ != 0 && time > max_time_; }

 private:
  double max_time_ = 0;
};

absl::StatusOr<TickMap> MakeTickMap(const NoteSequence& sequence, int ticks_per_quarter,
                                    const Cutoff& cutoff) {
  const NoteSequence::Tempo* initial = nullptr;
  for (const auto& tempo : sequence.tempos()) {
    if (tempo.time() == 0) {
      initial = &tempo;
      break;
    }
  }
  const double initial_qpm = initial == nullptr ? kDefaultQuartersPerMinute : initial->qpm();
  MS_ASSIGN_OR_RETURN(const double initial_scale, TickScale(initial_qpm, ticks_per_quarter));
  TickMap ticks(initial_scale);
  const std::string initial_bytes = initial == nullptr ? "" : initial->SerializeAsString();
  for (const auto& tempo : sequence.tempos()) {
    // The initial tempo and its equals; a time of -0.0 is not equal to 0.0 here.
    if (initial != nullptr && tempo.SerializeAsString() == initial_bytes) continue;
    if (cutoff.Drops(tempo.time())) continue;
    MS_ASSIGN_OR_RETURN(const double scale, TickScale(tempo.qpm(), ticks_per_quarter));
    MS_ASSIGN_OR_RETURN(const int64_t tick, TimeToTick(ticks, tempo.time()));
    if (tick > kMaxMidiTick) {
      return ConversionError(absl::StrCat("a tempo change at ", tempo.time(), " s is too late"));
    }
    ticks.AddChange(tick, scale);
  }
  return ticks;
}

absl::Status AddTimeSignatures(const NoteSequence& sequence, const TickMap& ticks,
                               const Cutoff& cutoff, UnsortedTrack* track) {
  for (const auto& signature : sequence.time_signatures()) {
    if (cutoff.Drops(signature.time())) continue;
    const int numerator = signature.numerator();
    const int denominator = signature.denominator();
    const std::optional<int> exponent =
        denominator > 0 ? MidiDenominatorExponent(denominator) : std::nullopt;
    if (numerator < 1 || numerator > 255 || !exponent || !(signature.time() >= 0)) {
      return ConversionError(absl::StrCat("the time signature ", numerator, "/", denominator,
                                          " at ", signature.time(), " s is invalid"));
    }
    MS_ASSIGN_OR_RETURN(const int64_t tick, TimeToTick(ticks, signature.time()));
    AddTimeSignature(tick, numerator, *exponent, track);
  }
  return absl::OkStatus();
}

absl::Status AddKeySignatures(const NoteSequence& sequence, const TickMap& ticks,
                              const Cutoff& cutoff, UnsortedTrack* track) {
  for (const auto& signature : sequence.key_signatures()) {
    if (cutoff.Drops(signature.time())) continue;
    const bool minor = signature.mode() == NoteSequence::KeySignature::MINOR;
    const int64_t key = int64_t{signature.key()} + (minor ? kNotesPerOctave : 0);
    if (key < 0 || key >= static_cast<int64_t>(std::size(kSharpsOfKey)) ||
        !(signature.time() >= 0)) {
      return ConversionError(
          absl::StrCat("the key ", key, " at ", signature.time(), " s is invalid"));
    }
    MS_ASSIGN_OR_RETURN(const int64_t tick, TimeToTick(ticks, signature.time()));
    const char payload[] = {static_cast<char>(kSharpsOfKey[key]),
                            static_cast<char>(key >= kNotesPerOctave)};
    track->AddMeta(tick, UnsortedTrack::kKeySignature, kMidiKeySignature,
                   absl::string_view(payload, sizeof(payload)));
  }
  return absl::OkStatus();
}

absl::StatusOr<MidiTrack> MakeTimingTrack(const NoteSequence& sequence, const TickMap& ticks,
                                          int ticks_per_quarter, const Cutoff& cutoff) {
  UnsortedTrack track;
  // 4/4 where no signature is at time 0, dropped ones aside.
  const bool has_first_signature =
      std::any_of(sequence.time_signatures().begin(), sequence.time_signatures().end(),
                  [&](const auto& s) { return s.time() <= 0 && !cutoff.Drops(s.time()); });
  if (!has_first_signature) AddTimeSignature(0, 4, 2, &track);
  for (const TickMap::TempoChange& change : ticks.changes()) {
    const int tempo = *MicrosecondsPerQuarter(change.tick_scale, ticks_per_quarter);
    const char payload[] = {static_cast<char>(tempo >> 16), static_cast<char>(tempo >> 8 & 0xff),
                            static_cast<char>(tempo & 0xff)};
    track.AddMeta(change.tick, UnsortedTrack::kTempo, kMidiSetTempo,
                  absl::string_view(payload, sizeof(payload)));
  }
  MS_RETURN_IF_ERROR(AddTimeSignatures(sequence, ticks, cutoff, &track));
  MS_RETURN_IF_ERROR(AddKeySignatures(sequence, ticks, cutoff, &track));
  return track.Sorted();
}

absl::StatusOr<std::vector<Instrument>> GroupInstruments(const NoteSequence& sequence,
                                                         const Cutoff& cutoff) {
  // By number, program and drum flag.
  std::map<std::tuple<int, int, bool>, Instrument> groups;
  const auto group_of = [&](const auto& event) -> Instrument& {
    return groups[{event.instrument(), event.program(), event.is_drum()}];
  };
  for (const auto& note : sequence.notes()) {
    if (note.end_time() < note.start_time()) {
      return ConversionError(absl::StrCat("a note ends at ", note.end_time(),
                                          " s before it begins at ", note.start_time(), " s"));
    }
    group_of(note).notes.push_back(&note);
  }
  for (const auto& bend : sequence.pitch_bends()) {
    if (!cutoff.Drops(bend.time())) group_of(bend).pitch_bends.push_back(&bend);
  }
  for (const auto& change : sequence.control_changes()) {
    if (!cutoff.Drops(change.time())) group_of(change).control_changes.push_back(&change);
  }
  std::map<int, std::string> names;
  for (const auto& info : sequence.instrument_infos()) names[info.instrument()] = info.name();

  std::vector<Instrument> instruments(1);
  for (auto& [key, group] : groups) {
    const auto& [number, program, is_drum] = key;
    group.program = program;
    group.is_drum = is_drum;
    // All up to number 0 share the first track, where the last replaces those before it but keeps
    // their name if it has none.
    if (number > 0) {
      MS_RETURN_IF_ERROR(CheckDataByte("the program", program));
      group.name = is_drum ? "Drums" : std::string(MidiProgramName(program));
    } else {
      group.name = instruments[0].name;
    }
    const auto name = names.find(number);
    if (name != names.end()) group.name = name->second;
    if (number > 0) {
      instruments.push_back(std::move(group));
    } else {
      instruments[0] = std::move(group);
    }
  }
  return instruments;
}

absl::StatusOr<MidiTrack> MakeInstrumentTrack(const Instrument& instrument, int channel,
                                              const TickMap& ticks) {
  UnsortedTrack track;
  if (!instrument.name.empty()) {
    MS_ASSIGN_OR_RETURN(const std::string name, Utf8ToLatin1(instrument.name));
    track.AddMeta(0, UnsortedTrack::kName, kMidiTrackName, name);
  }
  const auto add = [&](int64_t tick, UnsortedTrack::Kind kind, int detail, uint8_t status,
                       int data0, int data1) {
    track.AddMessage(tick, kind, detail, static_cast<uint8_t>(status | channel), data0, data1);
  };
  MS_RETURN_IF_ERROR(CheckDataByte("the program", instrument.program));
  add(0, UnsortedTrack::kProgramChange, 0, kMidiProgramChange, instrument.program, 0);
  for (const NoteSequence::Note* note : instrument.notes) {
    MS_RETURN_IF_ERROR(CheckDataByte("the pitch", note->pitch()));
    MS_RETURN_IF_ERROR(CheckDataByte("the velocity", note->velocity()));
    MS_ASSIGN_OR_RETURN(const int64_t start, TimeToTick(ticks, note->start_time()));
    MS_ASSIGN_OR_RETURN(const int64_t end, TimeToTick(ticks, note->end_time()));
    // Notes end by a note-on of velocity 0, which comes before one that begins the pitch again.
    const int pitch = note->pitch();
    add(start, UnsortedTrack::kNoteOn, (pitch << 8) + note->velocity(), kMidiNoteOn, pitch,
        note->velocity());
    add(end, UnsortedTrack::kNoteOn, pitch << 8, kMidiNoteOn, pitch, 0);
  }
  for (const NoteSequence::PitchBend* bend : instrument.pitch_bends) {
    if (bend->bend() < kMinPitchBend || bend->bend() > kMaxPitchBend) {
      return ConversionError(
          absl::StrCat("the pitch bend ", bend->bend(), " is not between -8192 and 8191"));
    }
    MS_ASSIGN_OR_RETURN(const int64_t tick, TimeToTick(ticks, bend->time()));
    const int value = bend->bend() - kMinPitchBend;
    add(tick, UnsortedTrack::kPitchBend, bend->bend(), kMidiPitchBend, value & 0x7f, value >> 7);
  }
  for (const NoteSequence::ControlChange* change : instrument.control_changes) {
    const int number = change->control_number();
    const int value = change->control_value();
    MS_RETURN_IF_ERROR(CheckDataByte("the control number", number));
    MS_RETURN_IF_ERROR(CheckDataByte("the control value", value));
    MS_ASSIGN_OR_RETURN(const int64_t tick, TimeToTick(ticks, change->time()));
    add(tick, UnsortedTrack::kControlChange, (number << 8) + value, kMidiControlChange, number,
        value);
  }
  return track.Sorted();
}

}  // namespace

absl::StatusOr<std::string> NoteSequenceToMidi(
    const NoteSequence& sequence, std::optional<double> drop_events_n_seconds_after_last_note) {
  const Cutoff cutoff(sequence, drop_events_n_seconds_after_last_note);
  MidiFile file;
  file.division = sequence.ticks_per_quarter() != 0 ? sequence.ticks_per_quarter() : kStandardPpq;
  MS_ASSIGN_OR_RETURN(const TickMap ticks, MakeTickMap(sequence, file.division, cutoff));
  MS_ASSIGN_OR_RETURN(MidiTrack timing, MakeTimingTrack(sequence, ticks, file.division, cutoff));
  file.tracks.push_back(std::move(timing));
  MS_ASSIGN_OR_RETURN(const std::vector<Instrument> instruments,
                      GroupInstruments(sequence, cutoff));
  for (size_t i = 0; i < instruments.size(); ++i) {
    const int melodic = static_cast<int>(i % kNumMelodicChannels);
    const int channel = instruments[i].is_drum   ? kDrumChannel
                        : melodic < kDrumChannel ? melodic
                                                 : melodic + 1;
    MS_ASSIGN_OR_RETURN(MidiTrack track, MakeInstrumentTrack(instruments[i], channel, ticks));
    file.tracks.push_back(std::move(track));
  }
  return WriteMidiFile(file);
}

}  // namespace magenta_serving
