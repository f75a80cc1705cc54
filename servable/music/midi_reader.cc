#include "servable/music/midi_reader.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "servable/base/status.h"
#include "servable/music/midi_file.h"
#include "servable/music/midi_ticks.h"

namespace magenta_serving {
namespace {

constexpr int kNumChannels = 16;
constexpr int kDrumChannel = 9;
constexpr double kMicrosecondsPerMinute = 6e7;
// Exponents above this do not fit the int32 of NoteSequence.TimeSignature.denominator.
constexpr int kMaxDenominatorExponent = 30;
// How many more controls and pitch bends than events in the file may result.
constexpr size_t kMaxRepeatedControls = 200000;
// How many more bytes the names of instruments may have than the file: each has its track's.
constexpr size_t kMaxRepeatedNames = 1 << 20;

absl::Status ConversionError(absl::string_view text) {
  return MagentaError("MIDIConversionError", text);
}

struct Note {
  double start;
  double end;
  uint8_t pitch;
  uint8_t velocity;
};

struct PitchBend {
  double time;
  int bend;
};

struct ControlChange {
  double time;
  uint8_t number;
  uint8_t value;
};

struct Controls {
  std::vector<PitchBend> pitch_bends;
  std::vector<ControlChange> control_changes;

  size_t size() const { return pitch_bends.size() + control_changes.size(); }
};

struct Instrument {
  int program;
  bool is_drum;
  std::shared_ptr<const std::string> name;  // the track's
  std::vector<Note> notes;
  // Shared by the instruments of one channel and track where controls came before any of them
  // existed: whatever one of them receives later, all have.
  std::shared_ptr<Controls> controls;
};

std::string Latin1ToUtf8(absl::string_view latin1) {
  std::string utf8;
  utf8.reserve(latin1.size());
  for (const char c : latin1) {
    const uint8_t byte = static_cast<uint8_t>(c);
    if (byte < 0x80) {
      utf8.push_back(c);
    } else {
      utf8.push_back(static_cast<char>(0xc0 | byte >> 6));
      utf8.push_back(static_cast<char>(0x80 | (byte & 0x3f)));
    }
  }
  return utf8;
}

absl::StatusOr<TickMap> ReadTempoMap(const MidiTrack& track, int division) {
  if (division == 0) return ConversionError("the division is 0 ticks per quarter");
  TickMap ticks(60.0 / (kDefaultQuartersPerMinute * division));
  for (const MidiEvent& event : track.events()) {
    if (!event.is_meta(kMidiSetTempo)) continue;
    const absl::string_view payload = track.payload(event);
    int tempo = 0;
    for (int i = 0; i < 3; ++i) tempo = tempo << 8 | static_cast<uint8_t>(payload[i]);
    if (tempo == 0) return ConversionError("a tempo is 0 microseconds per quarter");
    const double tick_scale = 60.0 / ((kMicrosecondsPerMinute / tempo) * division);
    if (event.tick == 0) {
      ticks = TickMap(tick_scale);
    } else if (tick_scale != ticks.changes().back().tick_scale) {
      ticks.AddChange(event.tick, tick_scale);
    }
  }
  return ticks;
}

// Collects the instruments of one track.
class TrackReader {
 public:
  TrackReader(const MidiTrack& track, const TickMap& ticks, std::vector<Instrument>* instruments)
      : track_(track), ticks_(ticks), instruments_(*instruments) {}

  absl::Status Read() {
    for (const MidiEvent& event : track_.events()) {
      if (event.is_meta(kMidiTrackName)) {
        name_ = std::make_shared<std::string>(Latin1ToUtf8(track_.payload(event)));
      } else if (event.is_channel_message()) {
        MS_RETURN_IF_ERROR(ReadMessage(event));
      }
    }
    return absl::OkStatus();
  }

 private:
  struct OpenNote {
    int64_t tick;
    uint8_t velocity;
  };

  absl::Status ReadMessage(const MidiEvent& event) {
    switch (event.kind()) {
      case kMidiProgramChange:
        programs_[event.channel()] = event.data[0];
        break;
      case kMidiNoteOn:
        if (event.data[1] == 0) return CloseNotes(event);
        open_notes_[NoteKey(event)].push_back({event.tick, event.data[1]});
        break;
      case kMidiNoteOff:
        return CloseNotes(event);
      case kMidiPitchBend:
        ControlsOf(event.channel())
            ->pitch_bends.push_back(
                {ticks_.TickToTime(event.tick), event.data[0] + (event.data[1] << 7) - 8192});
        break;
      case kMidiControlChange:
        ControlsOf(event.channel())
            ->control_changes.push_back(
                {ticks_.TickToTime(event.tick), event.data[0], event.data[1]});
        break;
      default:
        break;
    }
    return absl::OkStatus();
  }

  static int NoteKey(const MidiEvent& event) { return event.channel() << 7 | event.data[0]; }

  absl::Status CloseNotes(const MidiEvent& off) {
    const auto found = open_notes_.find(NoteKey(off));
    if (found == open_notes_.end()) return absl::OkStatus();
    bool closed = false;
    std::vector<OpenNote> kept;
    for (const OpenNote& note : found->second) {
      if (note.tick == off.tick) {
        kept.push_back(note);
        continue;
      }
      closed = true;
      const double start = ticks_.TickToTime(note.tick);
      const double end = ticks_.TickToTime(off.tick);
      // Time runs backward in files with an SMPTE division.
      if (end < start) return ConversionError("a note ends before it begins");
      GetInstrument(off.channel()).notes.push_back({start, end, off.data[0], note.velocity});
    }
    // A note that begins where its predecessor ends goes on; a note-off that closes nothing drops
    // it.
    if (closed && !kept.empty()) {
      found->second = std::move(kept);
    } else {
      open_notes_.erase(found);
    }
    return absl::OkStatus();
  }

  // The instrument of the channel's present program, made where there is none.
  Instrument& GetInstrument(int channel) {
    const auto [found, is_new] =
        indices_.try_emplace({programs_[channel], channel}, instruments_.size());
    if (is_new) {
      std::shared_ptr<Controls> controls = early_controls_[channel];
      if (controls == nullptr) controls = std::make_shared<Controls>();
      instruments_.push_back(
          {programs_[channel], channel == kDrumChannel, name_, {}, std::move(controls)});
    }
    return instruments_[found->second];
  }

  // Where a control of the channel belongs: with the instrument of its present program, else with
  // all that this channel has yet to make.
  Controls* ControlsOf(int channel) {
    const auto found = indices_.find({programs_[channel], channel});
    if (found != indices_.end()) return instruments_[found->second].controls.get();
    std::shared_ptr<Controls>& early = early_controls_[channel];
    if (early == nullptr) early = std::make_shared<Controls>();
    return early.get();
  }

  const MidiTrack& track_;
  const TickMap& ticks_;
  std::vector<Instrument>& instruments_;
  std::shared_ptr<const std::string> name_ = std::make_shared<std::string>();
  std::array<int, kNumChannels> programs_ = {};
  // Program and channel to an index into instruments_.
  std::map<std::pair<int, int>, size_t> indices_;
  std::array<std::shared_ptr<Controls>, kNumChannels> early_controls_;
  std::unordered_map<int, std::vector<OpenNote>> open_notes_;
};

absl::Status ReadSignatures(const MidiTrack& track, const TickMap& ticks, NoteSequence* sequence) {
  for (const MidiEvent& event : track.events()) {
    const bool is_time = event.is_meta(kMidiTimeSignature);
    if (!is_time && !event.is_meta(kMidiKeySignature)) continue;
    const absl::string_view payload = track.payload(event);
    const double time = ticks.TickToTime(event.tick);
    if (!(time >= 0)) return ConversionError("a time or key signature has a negative time");
    if (is_time) {
      const uint8_t numerator = static_cast<uint8_t>(payload[0]);
      const uint8_t exponent = static_cast<uint8_t>(payload[1]);
      if (numerator == 0) return ConversionError("a time signature has the numerator 0");
      if (exponent > kMaxDenominatorExponent) {
        return ConversionError(absl::StrCat("a time signature has the denominator 2**", exponent));
      }
      auto* signature = sequence->add_time_signatures();
      signature->set_time(time);
      signature->set_numerator(numerator);
      signature->set_denominator(1 << exponent);
    } else {
      // The circle of fifths, from C major or from A minor.
      const int sharps = static_cast<int8_t>(payload[0]);
      const bool minor = payload[1] == 1;
      const int key = (7 * (sharps + kNotesPerOctave) + (minor ? 9 : 0)) % kNotesPerOctave;
      auto* signature = sequence->add_key_signatures();
      signature->set_time(time);
      signature->set_key(static_cast<NoteSequence::KeySignature::Key>(key));
      signature->set_mode(minor ? NoteSequence::KeySignature::MINOR
                                : NoteSequence::KeySignature::MAJOR);
    }
  }
  return absl::OkStatus();
}

template <typename Event>
void SetInstrument(const Instrument& instrument, int index, Event* event) {
  event->set_instrument(index);
  event->set_program(instrument.program);
  event->set_is_drum(instrument.is_drum);
}

void AddInstrument(const Instrument& instrument, int index, NoteSequence* sequence) {
  if (!instrument.name->empty()) {
    auto* info = sequence->add_instrument_infos();
    info->set_name(*instrument.name);
    info->set_instrument(index);
  }
  for (const Note& note : instrument.notes) {
    if (sequence->total_time() == 0 || note.end > sequence->total_time())
      sequence->set_total_time(note.end);
    auto* added = sequence->add_notes();
    SetInstrument(instrument, index, added);
    added->set_start_time(note.start);
    added->set_end_time(note.end);
    added->set_pitch(note.pitch);
    added->set_velocity(note.velocity);
  }
  for (const PitchBend& bend : instrument.controls->pitch_bends) {
    auto* added = sequence->add_pitch_bends();
    SetInstrument(instrument, index, added);
    added->set_time(bend.time);
    added->set_bend(bend.bend);
  }
  for (const ControlChange& change : instrument.controls->control_changes) {
    auto* added = sequence->add_control_changes();
    SetInstrument(instrument, index, added);
    added->set_time(change.time);
    added->set_control_number(change.number);
    added->set_control_value(change.value);
  }
}

}  // namespace

absl::StatusOr<NoteSequence> MidiToNoteSequence(absl::string_view midi_bytes) {
  MS_ASSIGN_OR_RETURN(const MidiFile file, ParseMidiFile(midi_bytes));
  if (file.tracks.empty()) return ConversionError("the file has no tracks");
  size_t num_events = 0;
  for (const MidiTrack& track : file.tracks) {
    if (track.events().empty()) return ConversionError("a track has no events");
    num_events += track.events().size();
  }

  MS_ASSIGN_OR_RETURN(const TickMap ticks, ReadTempoMap(file.tracks[0], file.division));
  NoteSequence sequence;
  sequence.set_ticks_per_quarter(file.division);
  sequence.mutable_source_info()->set_parser(NoteSequence::SourceInfo::PRETTY_MIDI);
  sequence.mutable_source_info()->set_encoding_type(NoteSequence::SourceInfo::MIDI);
  MS_RETURN_IF_ERROR(ReadSignatures(file.tracks[0], ticks, &sequence));
  for (const TickMap::TempoChange& change : ticks.changes()) {
    auto* tempo = sequence.add_tempos();
    tempo->set_time(ticks.TickToTime(change.tick));
    tempo->set_qpm(60.0 / (change.tick_scale * file.division));
  }

  std::vector<Instrument> instruments;
  for (const MidiTrack& track : file.tracks)
    MS_RETURN_IF_ERROR(TrackReader(track, ticks, &instruments).Read());
  size_t num_controls = 0;
  size_t num_name_bytes = 0;
  for (const Instrument& instrument : instruments) {
    num_controls += instrument.controls->size();
    num_name_bytes += instrument.name->size();
  }
  if (num_controls > num_events + kMaxRepeatedControls) {
    return ConversionError(absl::StrCat(num_events, " events repeat their controls for each of ",
                                        instruments.size(), " instruments, ", num_controls,
                                        " in all"));
  }
  if (num_name_bytes > midi_bytes.size() + kMaxRepeatedNames) {
    return ConversionError(absl::StrCat("the names of ", instruments.size(), " instruments have ",
                                        num_name_bytes, " bytes in all"));
  }
  for (size_t i = 0; i < instruments.size(); ++i)
    AddInstrument(instruments[i], static_cast<int>(i), &sequence);
  return sequence;
}

}  // namespace magenta_serving
